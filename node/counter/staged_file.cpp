#include "node/counter/staged_file.h"

#include <algorithm>
#include <array>

#include "node/acts/media_type.h"


namespace khuoi::http {

namespace {

constexpr std::uint64_t commit_octets = std::uint64_t{16} << 20U;

struct Magic {
  std::string_view octets;
  std::size_t at;
  std::string_view type;
};
constexpr std::array<Magic, 12> magics = {{{"\xff\xd8\xff", 0, "image/jpeg"},
                                           {"\x89PNG\r\n\x1a\n", 0, "image/png"},
                                           {"GIF8", 0, "image/gif"},
                                           {"WEBP", 8, "image/webp"},
                                           {"%PDF-", 0, "application/pdf"},
                                           {"ftyphei", 4, "image/heic"},
                                           {"ftypM4A", 4, "audio/mp4"},
                                           {"ftyp3gp", 4, "video/3gpp"},
                                           {"ftyp", 4, "video/mp4"},
                                           {"#!AMR", 0, "audio/amr"},
                                           {"OggS", 0, "audio/ogg"},
                                           {"WAVE", 8, "audio/wav"}}};

}  // namespace

StagedFile::~StagedFile() {
  if (kept_) return;
  (void)engine_.work([&](sync::Replica&, sync::Batch& batch) { return sync::Files::erase(batch, intake_.file()); });
}

Result<void> StagedFile::stream(const SealedFile& from) {
  std::uint32_t piece = 0;
  bool ended = false;
  while (!ended) {
    KHUOI_TRY_VOID(engine_.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
      for (std::uint64_t added = 0; added < commit_octets && !ended; ++piece) {
        KHUOI_TRY(const Bytes octets, from.piece(piece));
        ended = octets.empty();
        if (piece == 0) type_ = sniffed_type(octets);
        if (!ended) KHUOI_TRY_VOID(intake_.add(batch, octets));
        added += octets.size();
      }
      return {};
    }));
  }
  return {};
}

Result<sync::FileFacts> StagedFile::finish(sync::Batch& batch, const std::string& name) {
  if (type_ != unknown_type) return intake_.finish(batch, name, type_);
  // What begins like nothing we know may be what its name says, unless that would have been known by its beginning.
  const std::string said = node::media_type(name);
  const bool is_refuted = std::ranges::find(magics, said, &Magic::type) != magics.end();
  return intake_.finish(batch, name, is_refuted ? std::string(unknown_type) : said);
}

std::string sniffed_type(ByteView first_octets) {
  const std::string_view text = text_of(first_octets.first(std::min<std::size_t>(first_octets.size(), 64)));
  for (const Magic& magic : magics) {
    if (text.size() >= magic.at && text.substr(magic.at).starts_with(magic.octets)) return std::string(magic.type);
  }
  return std::string(StagedFile::unknown_type);
}

}  // namespace khuoi::http
