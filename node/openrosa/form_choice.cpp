#include "node/openrosa/form_choice.h"

#include <map>

namespace khuoi::openrosa {

using sync::FormEntry;

std::vector<FormEntry> forms_to_show(const std::vector<KnownForm>& known, bool all_versions) {
  std::vector<FormEntry> out;
  if (all_versions) {
    for (const KnownForm& one : known) {
      if (!one.form.closed) out.push_back(one.form);
    }
    return out;
  }
  struct Versions {
    const FormEntry* newest = nullptr;
    const FormEntry* whole = nullptr;
  };
  const auto later = [](const FormEntry* a, const FormEntry& b) { return a == nullptr || a->order < b.order; };
  std::map<std::string, Versions> by_id;
  for (const KnownForm& one : known) {
    Versions& versions = by_id[one.form.id];
    if (later(versions.newest, one.form)) versions.newest = &one.form;
    const bool usable = one.has_all_media && !one.form.closed;
    if (usable && later(versions.whole, one.form)) versions.whole = &one.form;
  }
  for (const auto& [id, versions] : by_id) {
    if (versions.newest->closed) continue;
    out.push_back(versions.whole != nullptr ? *versions.whole : *versions.newest);
  }
  return out;
}

}  // namespace khuoi::openrosa
