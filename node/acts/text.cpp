#include "node/acts/text.h"

#include <charconv>

namespace khuoi::node {

using sync::Ref;

std::string text_of_ref(const Ref& ref) {
  return ref.author.hex() + "-" + ref.run.hex() + "-" + std::to_string(ref.number);
}

std::optional<Ref> ref_of_text(std::string_view text) {
  if (text.size() < 35 || text[16] != '-' || text[33] != '-') return std::nullopt;
  const auto author = NodeId::from_hex_text(text.substr(0, 16));
  const auto run = RunId::from_hex_text(text.substr(17, 16));
  Ref out;
  const std::string_view digits = text.substr(34);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out.number);
  if (!author || !run || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  out.author = *author;
  out.run = *run;
  return out;
}

std::string_view name_of(sync::Urgency urgency) {
  return urgency == sync::Urgency::emergency  ? "emergency"
         : urgency == sync::Urgency::priority ? "priority"
                                              : "routine";
}

}  // namespace khuoi::node
