#include "node/app/whole_counter.h"

#include <utility>

#include "node/acts/role.h"
#include "node/app/machine_routes.h"
#include "node/desk/desk_site.h"
#include "node/openrosa/routes.h"

namespace khuoi::http {

Result<std::shared_ptr<Counter>> make_whole_counter(Surroundings surroundings) {
  KHUOI_TRY(const bool is_commune, node::at_commune(surroundings.engine));
  SitePlan plan = is_commune ? desk::desk_site() : counter_site();
  plan.groups.push_back(add_machine_routes);
  plan.groups.push_back(openrosa::add_openrosa_routes);
  if (!is_commune) plan.groups.push_back(openrosa::add_phone_routes);
  return Counter::make(std::move(surroundings), std::move(plan));
}

}  // namespace khuoi::http
