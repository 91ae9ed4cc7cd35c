#include "node/desk/desk_site.h"

namespace khuoi::desk {

http::SitePlan desk_site() {
  return {"desk.html",
          {http::add_session_routes, http::add_home_routes},
          "Đây là máy của xã: việc này làm ở máy của xóm, hoặc bằng lệnh khuoi."};
}

}  // namespace khuoi::desk
