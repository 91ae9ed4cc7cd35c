#include "node/web_server/router.h"

#include "sync/base/check.h"

namespace khuoi::http {

namespace {

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments,
          std::vector<std::string>& values) {
  if (pattern.size() != segments.size()) return false;
  values.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].starts_with(':')) {
      values.push_back(segments[i]);
    } else if (pattern[i] != segments[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<void> Access::check(bool logged_in, Capabilities may) const {
  if (may.has(needed_) && (logged_in || !logged_in_)) return {};
  if (needed_.hidden()) return fail(Errc::not_found, "there is no such page");
  return logged_in ? fail(Errc::denied, "it takes another person's passphrase")
                            : fail(Errc::locked, "nobody is logged in");
}

void Router::add(Route route) {
  auto pattern = parse_target(route.pattern);
  KHUOI_CHECK(pattern.has_value());
  known_.push_back({std::move(route), std::move(pattern->segments)});
}

Router::Match Router::match(Method method, const std::vector<std::string>& segments) const {
  Match out;
  const Known* get = nullptr;
  std::vector<std::string> values;
  for (const Known& known : known_) {
    if (!fits(known.segments, segments, values)) continue;
    if (known.route.method == method) return {&known.route, std::move(values), false, &known.route};
    out.other_method = true;
    if (out.near == nullptr) out.near = &known.route;
    if (method == Method::head && known.route.method == Method::get && get == nullptr) {
      get = &known;
      out.values = values;
    }
  }
  if (get != nullptr) return {&get->route, std::move(out.values), false, &get->route};
  out.values.clear();
  return out;
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> out;
  for (const Known& known : known_) out.push_back(&known.route);
  return out;
}

const Route* Router::dressing(std::string_view raw_target) const {
  if (!raw_target.starts_with('/')) return nullptr;
  const std::string_view path = raw_target.substr(1);
  const std::string_view first = path.substr(0, path.find_first_of("/?# "));
  for (const Known& known : known_) {
    if (known.route.dress && !known.segments.empty() && known.segments.front() == first) return &known.route;
  }
  return nullptr;
}

}  // namespace khuoi::http
