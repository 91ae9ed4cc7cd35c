#include "sync/base/check.h"
#include "sync/record/instance.h"

/// A submission that reads has an instanceID, and names of files that can be written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace khuoi;
  sync::FormFacts form;
  form.id = "f";
  form.root = "data";
  form.upload_paths = {"p", "g/p"};
  const auto parsed = sync::Instance::parse({data, size});
  if (!parsed) return 0;
  (void)parsed->head();
  const auto instance = parsed->facts(form);
  if (!instance) return 0;
  KHUOI_CHECK(!instance->instance_id.empty());
  KHUOI_CHECK(instance->head.root == form.root);
  for (const std::string& name : instance->attachments) {
    KHUOI_CHECK(!name.empty() && name != ".." && name.find('/') == std::string::npos);
  }
  return 0;
}
