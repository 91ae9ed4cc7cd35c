#include "node/desk/desk_site.h"

#include "node/desk/desk.h"

namespace khuoi::desk {

namespace {

constexpr std::size_t searched_octets_max = std::size_t{64} << 20U;

void add_desk(http::Counter& counter) {
  const auto desk = std::make_shared<Desk>(counter);  // its routes keep it
  for (auto* const add : {add_inbox_routes, add_desk_dossier_routes, add_answer_routes, add_account_routes, add_office_routes,
                          add_filter_routes}) {
    add(*desk);
  }
}

}  // namespace

http::SitePlan desk_site() {
  return {"desk.html",
          {http::add_session_routes, http::add_login_routes, http::add_home_routes, http::add_dossier_read_routes,
           http::add_dossier_file_routes, add_desk},
          "Đây là máy của xã: việc này làm ở máy của xóm, hoặc bằng lệnh khuoi.",
          searched_octets_max};
}

}  // namespace khuoi::desk
