#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sync/record/header.h"

namespace khuoi::test {

/// Octets first, first+1, … so that a swapped or cut field shows.
template <std::size_t N>
std::array<std::uint8_t, N> counting(std::uint8_t first) {
  std::array<std::uint8_t, N> out{};
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

inline sync::Ref sample_ref(std::uint8_t first, std::uint32_t number) {
  return {NodeId(counting<8>(first)), RunId(counting<8>(static_cast<std::uint8_t>(first + 8))), number};
}

inline sync::FileFacts sample_file() {
  return {"giấy khai sinh.jpg", 1'234'567, "image/jpeg", counting<32>(0x40), ChunkHash(counting<32>(0x60))};
}

inline sync::Header sample_header() {
  sync::Header header;
  header.record_class = sync::Class::sealed;
  header.rank = sync::Rank::high;
  header.commune = CommuneId(counting<8>(0x10));
  header.author = NodeId(counting<8>(0x20));
  header.audience = AudienceId(counting<8>(0x30));
  header.run = RunId(counting<8>(0x40));
  header.number = 0x01020304;
  return header;
}

inline sync::Opener sample_opener() {
  sync::Opener opener;
  opener.enc = counting<32>(0x01);
  opener.recipient = AudienceId(counting<8>(0x50));
  opener.previous = RunId(counting<8>(0x60));
  opener.previous_last = 77;
  opener.ordinal = 3;
  opener.wall = UnixSeconds{1'760'000'000};
  opener.wall_trusted = true;
  return opener;
}

/// One record of every kind that stands in a plaintext, by name.
inline std::vector<std::pair<std::string, sync::Plain>> sample_records() {
  using namespace sync;
  const DossierId dossier(counting<16>(0x80));
  const HamletId hamlet(counting<8>(0x20));
  const std::vector<Ref> seen{sample_ref(0x20, 2), sample_ref(0x70, 9)};
  const std::vector<HamletId> to{hamlet, HamletId(counting<8>(0xa0))};
  std::vector<std::pair<std::string, Plain>> out;
  const auto add = [&out](Body body, Domain domain = Domain::general) {
    Plain plain;
    plain.kind = kind_of(body);
    plain.domain = domain;
    plain.at.run_seconds = 42;
    plain.body = std::move(body);
    out.emplace_back(std::string(name_of(plain.kind)), std::move(plain));
  };
  add(Submission{to_bytes(counting<21>(0x01))}, Domain::health);
  add(Edit{dossier, seen, to_bytes(counting<19>(0x01))});
  add(Withdrawal{dossier, seen, "đổi ý"});
  add(Manifest{dossier, sample_file()});
  add(Pick{dossier, seen[1], seen});
  add(StateChange{hamlet,
                  dossier,
                  State::needs_papers,
                  "H15.23-251009-0001",
                  "thiếu ảnh",
                  "2025-10-31",
                  8000,
                  {sample_file()},
                  seen});
  Approval approval{NodeId(counting<8>(0xb0)), counting<64>(0x05)};
  add(Announcement{to_bytes(counting<40>(0x33)), {approval}});
  add(Played{seen[0], UnixSeconds{1'760'000'123}, true});
  add(Document{"Công văn 12", {sample_file()}, to});
  add(DocumentRead{seen[0], UnixSeconds{1'760'000'456}, "Nông Văn Cỏ"});
  add(Message{"Chiều nay họp", "Hoàng Thị Én"});
  add(FormRecord{"thong_bao_xom",
                 "2025100101",
                 "Thông báo xóm",
                 Domain::health,
                 to_bytes(view_of("<h:html/>")),
                 {sample_file()},
                 true});
  add(DictionaryRecord{counting<32>(0x11), to_bytes(counting<33>(0x44))});
  add(GroupKey{counting<32>(0x22)});
  add(Checkpoint{RunId(counting<8>(0x48)), 500, counting<32>(0x09), true, counting<64>(0x31)});
  add(NodeHealth{"0.1.0", 1U << 20U, 5U << 20U, 3600, true});
  add(Erase{hamlet, dossier, "theo yêu cầu"});

  Plain stepped;
  stepped.kind = Kind::message;
  stepped.at = {7, true, UnixSeconds{1'760'000'789}, true};
  stepped.body = Message{"đồng hồ vừa đổi", ""};
  out.emplace_back("message-after-clock-step", stepped);
  Plain group_key;
  group_key.kind = Kind::group_key;
  group_key.body = GroupKey{counting<32>(0x22), 70'000};
  out.emplace_back("group-key-of-epoch", group_key);
  Plain repeated;
  repeated.kind = Kind::message;
  repeated.body = Message{std::string(300, 'a'), "x"};
  out.emplace_back("message-compressed", repeated);
  return out;
}

}  // namespace khuoi::test
