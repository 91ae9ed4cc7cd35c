// What the loudspeaker will say and has said, its buttons, and its voice for the pages.
#include <algorithm>
#include <boost/json.hpp>
#include <memory>

#include "node/counter/counter.h"
#include "node/counter/items_shown.h"
#include "node/speaker/listing.h"
#include "node/speaker/speaker.h"
#include "node/web_server/problem.h"

namespace khuoi::http {

namespace json = boost::json;
using speaker::Listed;
using speaker::Speaker;

namespace {

constexpr std::size_t speech_octets_max = 600;
constexpr std::uint64_t speech_piece_octets = 65536;

constexpr std::string_view no_sound_sentence =
    "Không có tiếng: máy không thấy loa nào. Hãy cắm loa, hoặc báo cán bộ kỹ thuật.";

Error no_loudspeaker() { return fail(Errc::unsupported, "only a hamlet's box has a loudspeaker"); }

/// Announcements are public: nobody needs to be logged in to see them.
Response list_announcements(Counter& counter, Request& request) {
  json::array out;
  KHUOI_ANSWER(const std::size_t count, items_asked_for(request));
  if (counter.around().loudspeaker == nullptr) return json_response(out);
  KHUOI_ANSWER(const auto listed,
               speaker::list_announcements(counter.engine(), counter.around().loudspeaker->times(), count));
  for (const Listed& one : listed) {
    json::object row = speaker::json_of_listed(one);
    row["why"] = speaker::in_vietnamese(one.why);
    row["clip"] = one.entry.content.clip.has_value();
    out.push_back(std::move(row));
  }
  return json_response(out);
}

/// Whoever stands before the box may not make it speak; people whom it knows may.
Response play(Counter& counter, Request& request) {
  Speaker* const loudspeaker = counter.around().loudspeaker;
  if (loudspeaker == nullptr) return problem_of(no_loudspeaker());
  KHUOI_ANSWER(const Listed one,
               speaker::announcement_named(counter.engine(), loudspeaker->times(), request.values[0]));
  if (!loudspeaker->voice().can_be_heard()) return problem(503, "no_sound", std::string(no_sound_sentence));
  const auto asked = loudspeaker->play(one.entry.ref);
  if (asked) return json_response(json::object{});
  if (asked.error().code != Errc::denied) return problem_of(asked.error());
  const bool late = one.standing == speaker::Standing::expired;
  const std::string why = late ? "thông báo đã hết hạn; xã phải phát hành lại" : std::string(in_vietnamese(one.why));
  return problem(403, "denied", "Loa không đọc thông báo này: " + (why.empty() ? "không được phép" : why) + ".");
}

Response stop(Counter& counter, Request&) {
  if (counter.around().loudspeaker == nullptr) return problem_of(no_loudspeaker());
  counter.around().loudspeaker->stop();
  return json_response(json::object{});
}

Response status(Counter& counter, Request& request) {
  const Speaker* const loudspeaker = counter.around().loudspeaker;
  if (loudspeaker == nullptr) return problem_of(no_loudspeaker());
  const Speaker::Status now = loudspeaker->status();
  json::object out{
      {"enabled", loudspeaker->enabled()}, {"speaking", now.speaking}, {"sound", now.sound}, {"problem", nullptr}};
  if (!now.problem.empty()) {
    out["problem"] = now.sound ? "Loa không phát được. Hãy kiểm tra loa và dây nối, hoặc báo cán bộ kỹ thuật."
                               : no_sound_sentence;
    if (request.viewer->logged_in()) out["detail"] = now.problem;
  }
  return json_response(out);
}

/// Questions are read aloud to who fills a form, whether or not anybody is logged in.
Response speech(Counter& counter, Request& request) {
  const std::string_view text = request.query("text");
  if (text.empty()) return problem_of(fail(Errc::usage, "'text' is missing"));
  if (text.size() > speech_octets_max)
    return problem_of(fail(Errc::too_large, "'text' is over 600 octets: read it in parts"));
  const Speaker* const loudspeaker = counter.around().loudspeaker;
  if (loudspeaker == nullptr) return problem_of(no_loudspeaker());
  auto wav = loudspeaker->voice().wav_of_text(text);
  if (!wav && wav.error().code == Errc::unsupported)
    return problem(503, "unsupported", "Máy chưa cài giọng đọc (espeak-ng). Hãy báo cán bộ kỹ thuật.");
  if (!wav) return problem_of(wav.error());
  Response out;
  out.type = "audio/wav";
  out.octets = wav->octets;
  // Piece by piece out of the file: who listens slowly must not fill the box's memory.
  out.pull = [spoken = std::make_shared<speaker::Voice::Wav>(std::move(*wav)), at = std::uint64_t{0}]() mutable -> Result<Bytes> {
    Bytes piece(std::min<std::uint64_t>(speech_piece_octets, spoken->octets - at));
    KHUOI_TRY_VOID(storage::read_at(spoken->file.get(), at, piece, "reading what espeak-ng said"));
    at += piece.size();
    return piece;
  };
  return out;
}

}  // namespace

void add_loudspeaker_routes(Counter& counter) {
  constexpr std::size_t body_octets_max = 1024;
  counter.add(Method::get, "/api/announcements", Access::anybody(), list_announcements);
  counter.add(Method::post, "/api/announcements/:id/play", Access::logged_in(), play, body_octets_max);
  counter.add(Method::get, "/api/speaker", Access::anybody(), status);
  counter.add(Method::post, "/api/speaker/stop", Access::logged_in(), stop, body_octets_max);
  counter.add(Method::get, "/api/speech", Access::anybody(), speech, 0, Lane::voice);
}

}  // namespace khuoi::http
