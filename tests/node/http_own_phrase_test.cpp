// A session whose phrase somebody else made may change it, leave, and see who it is: the server says so, not the page.
#include "tests/node/served_counter.h"

using namespace khuoi;
using namespace khuoi::http;
using namespace khuoi::tests;

namespace {

struct GivenPhrase : Served {
  GivenPhrase() {
    visitor->person = "y tế";
    visitor->may = Capabilities::all_domains();
    visitor->given = true;
  }
  [[nodiscard]] bool refused(const std::string& method, const std::string& path, const std::string& body = "") const {
    const std::string answer = ask(method, path, body);
    return answer.starts_with("HTTP/1.1 403") &&
           (method == "HEAD" || answer.find("\"own_phrase\"") != std::string::npos);
  }
};

}  // namespace

TEST_CASE("own phrase: until it is changed every other route of the page is refused", "[node][http]") {
  const GivenPhrase box;
  const std::string id(32, '1');
  const std::vector<std::pair<std::string, std::string>> shut = {{"GET", "/api/home"},
                                                                 {"GET", "/api/events"},
                                                                 {"GET", "/api/people"},
                                                                 {"POST", "/api/people"},
                                                                 {"DELETE", "/api/people?name=x"},
                                                                 {"PUT", "/api/people/access"},
                                                                 {"PUT", "/api/people/pin"},
                                                                 {"POST", "/api/people/health"},
                                                                 {"POST", "/api/login"},
                                                                 {"POST", "/api/lock"},
                                                                 {"GET", "/api/forms"},
                                                                 {"GET", "/api/forms/x~1/form.xml"},
                                                                 {"GET", "/api/drafts"},
                                                                 {"PUT", "/api/drafts/" + id},
                                                                 {"GET", "/api/dossiers"},
                                                                 {"HEAD", "/api/dossiers"},
                                                                 {"GET", "/api/dossiers/" + id},
                                                                 {"GET", "/api/dossiers/" + id + "/submission.xml"},
                                                                 {"POST", "/api/dossiers/" + id + "/edit"},
                                                                 {"POST", "/api/submissions"},
                                                                 {"GET", "/api/health/due"},
                                                                 {"GET", "/api/health/log"},
                                                                 {"GET", "/api/documents"},
                                                                 {"GET", "/api/messages"},
                                                                 {"POST", "/api/messages"},
                                                                 {"GET", "/api/announcements"},
                                                                 {"POST", "/api/speaker/stop"},
                                                                 {"GET", "/api/phones"},
                                                                 {"POST", "/api/phones"},
                                                                 {"GET", "/api/enrolment"},
                                                                 {"POST", "/api/enrolment/grant"}};
  for (const auto& [method, path] : shut) {
    INFO(method << " " << path);
    CHECK(box.refused(method, path));
  }
  box.visitor->given = false;
  for (const auto& [method, path] : shut) {
    INFO(method << " " << path);
    if (path != "/api/events") CHECK_FALSE(box.refused(method, path));
  }
}

TEST_CASE("own phrase: who one is, an offered phrase, leaving and the page itself stay open", "[node][http]") {
  const GivenPhrase box;
  const std::string session = box.ask("GET", "/api/session");
  CHECK(session.starts_with("HTTP/1.1 200"));
  CHECK(session.find("\"phrase_given\":true") != std::string::npos);
  CHECK(box.ask("GET", "/api/phrase").starts_with("HTTP/1.1 200"));
  CHECK(box.ask("POST", "/api/logout", "{}").starts_with("HTTP/1.1 200"));
  CHECK(box.ask("GET", "/").starts_with("HTTP/1.1 200"));
  // Answered by its handler: this visitor holds no keys.
  CHECK(box.ask("PUT", "/api/people/phrase", "{\"phrase\":\"x\"}").find("\"locked\"") != std::string::npos);
  // A phone has an account of its own, whatever cookie it sends.
  CHECK(box.ask("GET", "/formList").starts_with("HTTP/1.1 401"));
}
