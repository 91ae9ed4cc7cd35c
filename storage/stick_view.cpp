#include "storage/stick_view.h"

#include <fcntl.h>

#include "storage/parity.h"

namespace khuoi::storage {

Result<StickView> StickView::of(Fd file, std::uint64_t octets, std::string doing) {
  StickView out(std::move(file), std::move(doing));
  ::posix_fadvise(out.file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  KHUOI_TRY(out.data_octets_, data_octets_by_foot(octets, [&](std::uint64_t offset, std::span<std::uint8_t> to) {
              return read_some_at(out.file_.get(), offset, to, out.doing_);
            }));
  return out;
}

Result<Bytes> StickView::read(std::uint64_t offset, std::size_t octets) const {
  Bytes out(octets);
  KHUOI_TRY(const std::size_t have, read_some_at(file_.get(), offset, out, doing_));
  out.resize(have);
  return out;
}

}  // namespace khuoi::storage
