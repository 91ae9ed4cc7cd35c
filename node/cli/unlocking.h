#pragma once

#include "node/cli/command.h"
#include "node/engine/unlock.h"

namespace khuoi::node {

/// The lock keys this command may use: of the phrase the caller gives (as `--person` says whose), or none, and then
/// what the node has open anyhow counts. A person is asked only when the node is locked. Errors: denied (a wrong
/// phrase).
Result<std::vector<sync::LockKey>> keys_of_caller(const Task& task, Ask ask);
/// The same, and whose slot the phrase opened: nobody's without a phrase.
Result<OpenedSlot> slot_of_caller(const Task& task, Ask ask);
/// The keys, but having none at all while the node is locked is Errc::locked.
Result<std::vector<sync::LockKey>> required_keys(const Task& task);
/// The keys of the phrase that is given, if one is: for what also tells something while the node is locked.
Result<std::vector<sync::LockKey>> keys_without_asking(const Task& task);
/// What reading takes: a hamlet's needs a phrase, a commune's own records do not (its authority's acts do).
Result<std::vector<sync::LockKey>> reading_keys(const Task& task);

/// `--person`, `--passphrase-file`: what commands that unlock take.
std::vector<Option> with_phrase_options(std::vector<Option> options);

}  // namespace khuoi::node
