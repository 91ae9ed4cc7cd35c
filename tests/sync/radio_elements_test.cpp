// A radio stream's elements: however they are cut, whatever is damaged.
#include "sync/contact/radio/elements.h"

#include <catch2/catch.hpp>

#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

RadioOpener sample_opener(bool of_everyone) {
  RadioOpener out;
  out.slot = 3;
  out.run = RunId::filled(0xb0);
  out.which = of_everyone ? 0 : 2;
  out.has_enc = !of_everyone;
  if (out.has_enc) out.enc.fill(0xee);
  out.previous_whole = of_everyone;
  out.previous = of_everyone ? RunId::filled(0xaf) : RunId({0xaf, 0xae});
  out.previous_last = 300;
  out.ordinal = 17;
  out.wall = {1'790'000'000};
  out.wall_trusted = true;
  out.rank = Rank::urgent;
  out.signature.fill(0x51);
  return out;
}

/// Every kind of element, with lengths in units of four and in octets.
Bytes sample_stream(bool commune_sends) {
  Bytes out = encode_element(RadioGreeting{300, {1, 2}, {3, 4}, true, 5, 0x01020304});
  append(out, encode_element(sample_opener(commune_sends)));
  append(out, encode_element(RadioRecord{3, 2, Rank::high, Bytes(88, 0x11)}));
  append(out, encode_group_head(3, 3, 3));
  append(out, encode_grouped({3, 3, Rank::normal, Bytes(84, 0x22)}));
  append(out, encode_grouped({3, 4, Rank::urgent, Bytes(85, 0x33)}));
  append(out, encode_grouped({3, 5, Rank::normal, Bytes(1000, 0x44)}));
  RadioOpener named = sample_opener(false);
  named.which = audience_in_octets;
  named.audience = AudienceId::filled(0xa5);
  append(out, encode_element(named));
  append(out, encode_element(RadioRun{15, RunId::filled(0xb1)}));
  RangeSet numbers(0, 8);
  numbers.add(11, 300);
  append(out, encode_element(RadioHave{{{RunId::filled(0xb2), numbers}, {RunId::filled(0xb3), RangeSet(0, 0)}}, 77}));
  append(out, encode_element(RadioRoster{Bytes(300, 0x55)}));
  append(out, encode_element(RadioRecord{15, 70'000, Rank::low, {}}));
  return out;
}

/// What a stream says, said again; nothing after what cannot be read.
struct Heard {
  std::vector<Bytes> elements;
  bool ended = false;
};
void read_on(ElementReader& reader, bool commune_sends, Heard& to) {
  while (!to.ended) {
    auto element = reader.next(commune_sends);
    to.ended = !element;
    if (!element || !*element) return;
    to.elements.push_back(encode_element(**element));
  }
}
Heard heard(const std::vector<ByteView>& parts, bool commune_sends) {
  ElementReader reader;
  Heard out;
  for (const ByteView part : parts) {
    reader.add(part);
    read_on(reader, commune_sends, out);
  }
  return out;
}
Heard heard(const Bytes& octets, bool commune_sends = false) {
  return heard(std::vector<ByteView>{octets}, commune_sends);
}

}  // namespace

TEST_CASE("radio elements: a stream says the same wherever it is cut", "[sync][radio]") {
  for (const bool commune_sends : {false, true}) {
    const Bytes stream = sample_stream(commune_sends);
    const Heard whole = heard(stream, commune_sends);
    REQUIRE_FALSE(whole.ended);
    REQUIRE(whole.elements.size() == 11);
    CHECK(whole.elements[1] == encode_element(sample_opener(commune_sends)));
    CHECK(whole.elements[5] == encode_element(RadioRecord{3, 5, Rank::normal, Bytes(1000, 0x44)}));
    for (std::size_t at = 0; at <= stream.size(); ++at) {
      const Heard cut = heard({ByteView(stream).first(at), ByteView(stream).subspan(at)}, commune_sends);
      REQUIRE(cut.elements == whole.elements);
    }
    std::vector<ByteView> octets;
    for (std::size_t at = 0; at < stream.size(); ++at) octets.push_back(ByteView(stream).subspan(at, 1));
    CHECK(heard(octets, commune_sends).elements == whole.elements);
  }
}

TEST_CASE("radio elements: no damaged octet is read past what it spoils, and what is read is one encoding",
          "[sync][radio]") {
  const Bytes stream = sample_stream(false);
  const Heard whole = heard(stream);
  for (std::size_t at = 0; at < stream.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
      Bytes damaged = stream;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ flip);
      const Heard read = heard(damaged);
      std::size_t octets = 0;
      for (const Bytes& element : read.elements) octets += element.size();
      CHECK(octets <= damaged.size() + read.elements.size() * 6);  // of a group each is said alone
      CHECK(read.elements != whole.elements);
    }
  }
}

TEST_CASE("radio elements: lengths and counts that lie are refused, and hold no memory", "[sync][radio]") {
  const auto refused = [](Bytes octets) { return heard(octets).ended; };
  Bytes large = encode_element(RadioRecord{0, 2, Rank::normal, Bytes(radio_record_octets_max, 1)});
  CHECK(heard(large).elements.size() == 1);
  CHECK(refused(encode_element(RadioRecord{0, 2, Rank::normal, Bytes(radio_record_octets_max + 4, 1)})));
  CHECK(refused({0x00, 0x02, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));  // 2^63 octets
  CHECK(refused({0x50, 0x02, 0x01}));                                                    // a group of one
  CHECK(refused({0x50, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x02}));                            // numbers past the last
  for (const unsigned kind : {0x40U, 0x71U, 0x80U, 0xf0U}) CHECK(refused({static_cast<std::uint8_t>(kind)}));
  Bytes endless{0x30, 0xff, 0xff, 0xff, 0x0f};  // so many runs
  endless.resize(radio_record_octets_max + 100);
  CHECK(refused(endless));
  Bytes longer_form{0x00, 0x02, 0x3f, 0x08};  // eight octets fit the shorter one
  longer_form.resize(radio_record_octets_max + 100);
  CHECK(refused(longer_form));
}

TEST_CASE("radio elements: a lone record costs three octets, each next one an octet, an opener no more than 119",
          "[sync][radio]") {
  CHECK(encode_element(RadioRecord{0, 100, Rank::normal, Bytes(88)}).size() == 88 + 3);
  CHECK(encode_grouped({0, 100, Rank::normal, Bytes(88)}).size() == 88 + 1);
  RadioOpener opener = sample_opener(false);
  opener.previous_last = 100;
  CHECK(encode_element(opener).size() == 115);
  CHECK(encode_element(RadioGreeting{9, {}, {}, false, 0}).size() == 11);
}

TEST_CASE("radio elements: a note comes back as it was, and no other octets pass for one", "[sync][radio]") {
  RadioNote note;
  note.start = RadioNote::Start{300, {1, 2, 3, 4, 5, 6, 7, 8}};
  note.time = UnixSeconds{1'790'000'000};
  note.sums_differ = true;
  note.refused = RangeSet(2, 5);
  note.unknown = RangeSet(7, 7);
  const Bytes octets = encode_note(note);
  const auto read = decode_note(octets);
  REQUIRE(read);
  REQUIRE(read->start);
  CHECK(read->start->ordinal == 300);
  CHECK(read->start->id == note.start->id);
  CHECK(read->time == note.time);
  CHECK(read->sums_differ);
  CHECK(read->refused == note.refused);
  CHECK(read->unknown == note.unknown);
  for (std::size_t size = 0; size < octets.size(); ++size) CHECK_FALSE(decode_note(ByteView(octets).first(size)));
  Bytes more = octets;
  more.push_back(0);
  CHECK_FALSE(decode_note(more));
  CHECK_FALSE(decode_note(Bytes{0x80}));
  CHECK(decode_note(Bytes{0})->empty());
}
