#pragma once

#include "node/acts/staged_files.h"

namespace khuoi::node {

/// The commune's answer: where a dossier stands from now on, with papers. `digits` begin its id, six at least. Durable
/// when it returns. `also`: in the same commit. Errors: denied at a hamlet, not_found, usage, conflict (a move that is not allowed); the sources',
/// the store's.
Result<void> answer(Engine& engine, const std::string& digits, sync::StateChange change,
                    const std::vector<FileSource>& papers, const Engine::WorkFn& also = {});

}  // namespace khuoi::node
