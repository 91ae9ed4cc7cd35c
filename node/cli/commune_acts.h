#pragma once

#include <vector>

#include "node/cli/command.h"

namespace khuoi::node {

// What commands do at a commune, who may, and what of it stands in the audit log. Once the commune has accounts each of
// them asks who acts: --person, or KHUOI_PERSON. No phrase is asked for that: whoever sits at the commune's machine opens
// everything there.

/// Before a command runs. Gives what the command may read; notes it in the audit log. Errors: usage when nobody is named,
/// denied for who may not.
Result<Capabilities> admit_to_commune(const Command& command, Task& task);
/// `--person` for those that lack it.
void add_person_option(std::vector<Command>& commands);

/// Of a dossier named by its id: one of a domain that the caller's account does not read is as unknown as one that never
/// was; reading one of health is noted. Errors: not_found, usage.
Result<void> check_may_read(Task& task, const std::string& digits);

}  // namespace khuoi::node
