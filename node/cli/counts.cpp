#include "node/cli/counts.h"

#include "node/cli/text.h"

namespace khuoi::node {

boost::json::object json_of(const sync::Counts& counts) {
  return {{"records_in", counts.records_in},
          {"records_out", counts.records_out},
          {"records_duplicate", counts.records_duplicate},
          {"records_rejected", counts.records_rejected},
          {"control_in", counts.control_in},
          {"control_out", counts.control_out},
          {"bytes_in", counts.bytes_in},
          {"bytes_out", counts.bytes_out},
          {"attachments_in", counts.attachments_in},
          {"attachments_out", counts.attachments_out},
          {"carried_in", counts.carried_in},
          {"carried_out", counts.carried_out}};
}

std::string counts_text(const sync::Counts& counts) {
  std::string out = std::to_string(counts.records_in) + " records in, " + std::to_string(counts.records_out) +
                    " out; " + std::to_string(counts.attachments_in) + " files in, " +
                    std::to_string(counts.attachments_out) + " out; " + octets_text(counts.bytes_in) + " read, " +
                    octets_text(counts.bytes_out) + " written";
  if (counts.carried_in + counts.carried_out > 0) {
    out += "; for other boxes " + std::to_string(counts.carried_in) + " parcels kept, " +
           std::to_string(counts.carried_out) + " passed on";
  }
  if (counts.records_rejected > 0) out += "; " + std::to_string(counts.records_rejected) + " rejected";
  return out + "\n";
}

}  // namespace khuoi::node
