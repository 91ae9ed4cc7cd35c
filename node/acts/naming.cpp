#include "node/acts/naming.h"

#include <algorithm>

#include "sync/base/nfc.h"

namespace khuoi::node {

using sync::NodeFacts;

namespace {
bool is_called(const NodeFacts& box, const std::string& text) {
  return box.hamlet.hex() == text || box.node.hex() == text || sync::to_nfc(box.name) == sync::to_nfc(text);
}
}  // namespace

Result<HamletId> hamlet_named(const sync::Roster& roster, const std::string& text) {
  std::optional<HamletId> found;
  for (const bool revoked : {false, true}) {
    for (const NodeFacts* box : roster.nodes()) {
      if (box->revoked != revoked || !is_called(*box, text)) continue;
      if (found && *found != box->hamlet) {
        return fail(Errc::usage, "several hamlets are called '" + text + "': give the id, see 'khuoi node list'");
      }
      found = box->hamlet;
    }
    if (found) return *found;
  }
  return fail(Errc::not_found, "no hamlet is called '" + text + "': see 'khuoi node list'");
}

Result<const NodeFacts*> box_named(const sync::Roster& roster, const std::string& text) {
  for (const bool revoked : {false, true}) {
    const NodeFacts* found = nullptr;
    for (const NodeFacts* box : roster.nodes()) {
      if (box->revoked != revoked || (box->node.hex() != text && sync::to_nfc(box->name) != sync::to_nfc(text)))
        continue;
      if (found != nullptr)
        return fail(Errc::usage, "several boxes are called '" + text + "': give the id, see 'khuoi node list'");
      found = box;
    }
    if (found != nullptr) return found;
  }
  return fail(Errc::not_found, "no box is called '" + text + "': see 'khuoi node list'");
}

Result<std::vector<HamletId>> hamlets_named(const sync::Roster& roster, const std::string& text) {
  std::vector<HamletId> out;
  if (text.empty() || text == "all") return out;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    const std::string name = text.substr(from, to - from);
    from = to + 1;
    if (name.empty()) continue;
    KHUOI_TRY(const HamletId hamlet, hamlet_named(roster, name));
    if (std::ranges::find(out, hamlet) == out.end()) out.push_back(hamlet);
  }
  if (out.empty()) return fail(Errc::usage, "'--to' names no hamlet");
  return out;
}

Result<std::vector<HamletId>> hamlets_of_commune(Engine& engine, const std::string& text, std::string_view refusal) {
  std::vector<HamletId> out;
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    if (!reader.self().is_commune()) return fail(Errc::denied, std::string(refusal));
    KHUOI_TRY(out, hamlets_named(reader.roster(), text));
    return {};
  }));
  return out;
}

}  // namespace khuoi::node
