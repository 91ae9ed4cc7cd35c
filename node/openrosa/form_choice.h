#pragma once

#include <vector>

#include "sync/dossiers/library.h"

namespace khuoi::openrosa {

struct KnownForm {
  sync::FormEntry form;
  bool has_all_media = true;
};

/// Of the forms an account may see, those a phone is shown, by id: the newest version each, but one whose media are not
/// all here gives way to the newest that is whole, so that a phone keeps what works. A form whose newest version is
/// closed is not shown at all. `all_versions`: every one that is not closed, as given.
std::vector<sync::FormEntry> forms_to_show(const std::vector<KnownForm>& known, bool all_versions);

}  // namespace khuoi::openrosa
