#include "tests/bench/radio/watch.h"

#include <algorithm>

#include "radio/object_frames.h"

namespace khuoi::bench {

using radio::FrameType;

namespace {

std::string text_of(const sync::Ref& ref) { return "record " + ref.run.hex() + "/" + std::to_string(ref.number); }

Bytes whole(const FrameKeys::Input& input, const FrameMac& mac) {
  Bytes out = to_bytes(input.octets);
  append(out, mac);
  return out;
}

}  // namespace

/// A frame of the own direction is asked for when it is made, one of the other when it was heard.
class WatchedKeys final : public FrameKeys {
 public:
  WatchedKeys(Watch& watch, const Watch::Box& box, FrameKeys& real) : watch_(watch), box_(box), real_(real) {}
  std::optional<FrameMac> mac(const Name& name, const Input& input) override {
    const auto out = real_.mac(name, input);
    if (!out) return out;
    if (name.from_commune == box_.commune) {
      watch_.made(box_, name, input, *out);
    } else {
      watch_.verified(input, *out);
    }
    return out;
  }
  std::optional<FrameMac> group_mac(unsigned which, const Input& input) override {
    return real_.group_mac(which, input);
  }
  [[nodiscard]] Turn turn_of(RadioAlias alias) const override { return real_.turn_of(alias); }
  StreamDigest chain(const StreamDigest& before, ByteView body) override { return real_.chain(before, body); }

 private:
  Watch& watch_;
  Watch::Box box_;
  FrameKeys& real_;
};

std::unique_ptr<FrameKeys> Watch::keys(const Box& box, FrameKeys& real) {
  return std::make_unique<WatchedKeys>(*this, box, real);
}

void Watch::made(const Box& by, const FrameKeys::Name& name, const FrameKeys::Input& input, const FrameMac& mac) {
  const Bytes octets = whole(input, mac);
  const auto frame = radio::decode_frame(octets);
  if (!frame) return wrongs_.add(check::all, "a frame was made that does not decode");
  counted(name, input, mac, frame->type);
  const StreamName own{name.alias, name.tokens.hamlet, by.commune};
  const StreamName others{name.alias, name.tokens.hamlet, !by.commune};
  if (frame->type == FrameType::join) stream_frame(by, own, 0, frame->body.subspan(radio::token_octets));
  if (frame->type == FrameType::data) stream_frame(by, own, input.counter, frame->body);
  if (frame->type == FrameType::ask && !frame->body.empty()) asked(own, frame->body);
  if (frame->type == FrameType::report) reported(by, frame->body);
  const bool welcome = frame->type == FrameType::welcome;
  if (!welcome && frame->type != FrameType::ack) return;
  const auto ack = radio::decode_ack(frame->flags, frame->body.subspan(welcome ? radio::token_octets : 0));
  if (ack) answered(by, others, *ack, octets);
}

/// Under one key and direction, DATA and JOIN share one count, all else another. A CALL is always the same.
void Watch::counted(const FrameKeys::Name& name, const FrameKeys::Input& input, const FrameMac& mac, FrameType type) {
  const bool stream = type == FrameType::join || type == FrameType::data;
  const Bytes octets = whole(input, mac);
  const auto [at, fresh] =
      counters_.try_emplace({name.alias, name.tokens, name.from_commune, stream, input.counter}, octets);
  if (!fresh && at->second != octets)
    wrongs_.add(check::counter, "alias " + std::to_string(name.alias) + ", counter " + std::to_string(input.counter));
}

void Watch::stream_frame(const Box& by, const StreamName& name, std::uint32_t counter, ByteView body) {
  Stream& stream = streams_[name];
  stream.sender = by;
  if (counter < stream.next) {
    if (counter <= stream.acknowledged) wrongs_.add(check::again, "frame " + std::to_string(counter));
    return;
  }
  stream.next = counter + 1;
  given_.heads += body.size();
  stream.elements.add(body);
  while (true) {
    const auto element = stream.elements.next(by.commune);
    if (!element) return wrongs_.add(check::all, "a stream was made that does not decode");
    if (!*element) return;
    took(by, stream, **element, counter);
  }
}

void Watch::took(const Box& by, Stream& stream, const sync::RadioElement& element, std::uint32_t counter) {
  const auto took_record = [&](const RunId& run, std::uint32_t number, std::size_t octets) {
    const sync::Ref ref{by.node, run, number};
    stream.ends.emplace(counter, ref);
    given_.heads -= octets;
    if (acknowledged_.contains(ref)) wrongs_.add(check::again, text_of(ref));
    if (!seen_.insert(ref).second) return;
    ++(number == 0 ? given_.openers : given_.records);
    given_.octets += octets;
  };
  if (const auto* opener = std::get_if<sync::RadioOpener>(&element)) {
    stream.slots[opener->slot] = opener->run;
    took_record(opener->run, 0, 0);
  } else if (const auto* run = std::get_if<sync::RadioRun>(&element)) {
    stream.slots[run->slot] = run->run;
  } else if (const auto* record = std::get_if<sync::RadioRecord>(&element)) {
    const auto& of = stream.slots[record->slot];
    if (!of) return wrongs_.add(check::all, "a record went whose run was not told before");
    took_record(*of, record->number, record->body.size());
  }
}

/// It may carry a frame of the stream again.
void Watch::asked(const StreamName& name, ByteView body) {
  const Stream& stream = streams_[name];
  const auto back = static_cast<std::uint8_t>(stream.next - 1U - body[0]);
  if (std::int64_t{stream.next} - 1 - back <= stream.acknowledged)
    wrongs_.add(check::again, "frame " + std::to_string(stream.next - 1U - back) + " in an ASK");
}

void Watch::answered(const Box& by, const StreamName& of, const radio::Ack& ack, Bytes frame) {
  Stream& stream = streams_[of];
  // Nobody acknowledges what was not sent, so it is the nearest below.
  const auto back = static_cast<std::uint8_t>(stream.next - 1U - ack.through);
  const std::int64_t through = std::int64_t{stream.next} - 1 - back;
  answers_[std::move(frame)] = {of, through};
  for (const auto& [counter, ref] : stream.ends) {
    if (counter > through) break;
    if (!on_disk_(by.number, ref)) wrongs_.add(check::commit, text_of(ref));
  }
}

void Watch::reported(const Box& by, ByteView body) {
  const auto report = radio::decode_report(body);
  if (!report || report->lacking != 0) return;
  for (const sync::Ref& ref : objects_[report->tag]) {
    if (!on_disk_(by.number, ref)) wrongs_.add(check::commit, text_of(ref));
  }
}

void Watch::verified(const FrameKeys::Input& input, const FrameMac& mac) {
  const auto answer = answers_.find(whole(input, mac));
  if (answer == answers_.end()) return;
  Stream& stream = streams_[answer->second.of];
  stream.acknowledged = std::max(stream.acknowledged, answer->second.through);
  for (const auto& [counter, ref] : stream.ends) {
    if (counter <= stream.acknowledged) acknowledged_.insert(ref);
  }
}

}  // namespace khuoi::bench
