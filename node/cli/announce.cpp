#include "node/acts/announce.h"
#include "node/cli/given_file.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"
#include "node/engine/phrase.h"

namespace khuoi::node {

using sync::AnnouncementContent;

namespace {

constexpr std::int64_t default_lifetime_seconds = 3 * 86400;

Result<sync::Urgency> urgency_of(const std::string& text) {
  if (text.empty() || text == "routine") return sync::Urgency::routine;
  if (text == "priority") return sync::Urgency::priority;
  if (text == "emergency") return sync::Urgency::emergency;
  return fail(Errc::usage, "there is no class '" + text + "'");
}

Result<AnnouncementContent> content_of(const Task& task) {
  const Request& request = task.request;
  AnnouncementContent content;
  content.text = request.one("--text");
  // Not marked as required: "announce" is also what "announce approve" hangs under.
  if (content.text.empty()) return fail(Errc::usage, "an announcement needs --text");
  KHUOI_TRY(content.urgency, urgency_of(request.one("--class")));
  content.issued = task.engine.now().wall;
  content.expires = UnixSeconds{content.issued.value + default_lifetime_seconds};
  if (request.has("--expires")) {
    KHUOI_TRY(content.expires, time_of_text(request.one("--expires"), content.issued));
  }
  if (content.expires <= content.issued) return fail(Errc::usage, "the announcement would have expired already");
  if (request.has("--slot")) {
    const std::string slots = "," + request.one("--slot") + ",";
    content.noon = slots.find(",noon,") != std::string::npos;
    content.afternoon = slots.find(",afternoon,") != std::string::npos;
    const std::size_t named = (content.noon ? 5U : 0U) + (content.afternoon ? 10U : 0U);
    if (slots.size() != named + 1 || named == 0)
      return fail(Errc::usage, "a slot is noon or afternoon, or noon,afternoon");
  }
  return content;
}

Result<ExitCode> run_announce(Task& task) {
  KHUOI_TRY(AnnouncementContent content, content_of(task));
  std::optional<FileSource> clip;
  if (task.request.has("--clip")) clip = given_file(task, task.request.one("--clip"));
  KHUOI_TRY(const Announced done, announce(task.engine, std::move(content), task.request.one("--to"), clip));
  task.caller.say(done.id.hex() + "\n");
  if (done.waits)
    task.caller.warn("it leaves once two officers approved it: khuoi announce approve " + done.id.hex().substr(0, 8) +
                     " --officer NAME");
  return exit_success;
}

Result<ExitCode> run_approve(Task& task) {
  KHUOI_TRY(const Approvable what, approvable(task.engine, task.request.one("--officer"), task.request.one("ID")));
  task.caller.warn("approving: " + what.emergency.content.text);
  KHUOI_TRY(const auto phrase, task.caller.phrase(Phrase::present, Ask::person));
  if (!phrase) return fail(Errc::locked, "locked: the officer's passphrase is needed");
  KHUOI_TRY(const bool left, approve(task.engine, what, *phrase));
  task.caller.say(left ? "approved by two officers: it leaves now\n" : "approved; one more officer is needed\n");
  return exit_success;
}

Result<ExitCode> run_officer_add(Task& task) {
  KHUOI_TRY(const auto keys, required_keys(task));
  KHUOI_TRY(auto own, task.caller.phrase(Phrase::fresh, Ask::person));
  if (!own) {
    KHUOI_TRY(own, task.caller.phrase(Phrase::present, Ask::if_given));
  }
  if (!own)
    return fail(Errc::locked, "the officer needs a passphrase: give --new-passphrase-file or KHUOI_NEW_PASSPHRASE");
  const sync::PassphraseParams params = sync::make_passphrase_params(task.engine.rng());
  KHUOI_TRY(const sync::Secret phrase_key, derive_new_key(params, *own));
  KHUOI_TRY_VOID(task.engine.work_as(keys, [&](sync::Replica& replica, sync::Batch& batch) {
    return replica.enrolment().add_officer(batch, task.request.one("--name"), params, phrase_key);
  }));
  task.caller.say("officer '" + task.request.one("--name") + "' may approve emergencies\n");
  return exit_success;
}

}  // namespace

std::vector<Command> announce_commands() {
  return {
      {.name = "announce",
       .summary = "At the commune: an announcement for the hamlets' loudspeakers",
       .more =
           "An emergency waits until two officers approved it. Without --expires it speaks for three days at most.\n\n"
           "  khuoi announce --text 'Mai tiêm phòng cho trâu bò tại nhà văn hoá' --slot noon,afternoon --expires +2d\n"
           "  khuoi announce --text 'Nước suối dâng cao' --class emergency --to 'Khuổi Mèo,Nà Lay'\n",
       .options =
           {{.name = "--text", .help = "what is read aloud"},
            {.name = "--clip", .help = "a recording to play instead"},
            {.name = "--class", .help = "how urgent (default: routine)", .choices = "routine|priority|emergency"},
            {.name = "--to", .help = "all, or names parted by commas"},
            {.name = "--slot", .help = "when it speaks: noon, afternoon or both parted by a comma (default: both)"},
            {.name = "--expires", .help = "2026-01-31T16:30, +3d or +12h"}},
       .run = run_announce},
      {.name = "announce approve",
       .summary = "An officer approves an emergency with their own passphrase",
       .more = "",
       .options = {{.name = "ID", .help = "which announcement", .required = true},
                   {.name = "--officer", .help = "the officer's name", .required = true},
                   {.name = "--passphrase-file",
                    .help = "the officer's passphrase (else KHUOI_PASSPHRASE, else a prompt)"}},
       .run = run_approve},
      {.name = "officer add",
       .summary = "At the commune: name an officer, two of whom approve an emergency",
       .more = "Needs the commune's passphrase. The officer's own comes from --new-passphrase-file or "
               "KHUOI_NEW_PASSPHRASE, else a\n"
               "prompt; without a terminal it is the commune's.\n",
       .options = with_phrase_options({{.name = "--name", .help = "the officer's name", .required = true},
                                       {.name = "--new-passphrase-file", .help = "the officer's passphrase"}}),
       .run = run_officer_add}};
}

}  // namespace khuoi::node
