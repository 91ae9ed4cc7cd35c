#include "sync/base/check.h"
#include "sync/record/form.h"

/// A form that reads has an id and a root, and its paths are paths.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace khuoi;
  const auto form = sync::read_form({data, size});
  if (!form) return 0;
  KHUOI_CHECK(!form->id.empty());
  KHUOI_CHECK(!form->root.empty());
  for (const std::string& path : form->upload_paths) KHUOI_CHECK(!path.empty() && path.front() != '/');
  for (const std::string& name : form->media) KHUOI_CHECK(name.find('/') == std::string::npos);
  return 0;
}
