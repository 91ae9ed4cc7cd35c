#include "node/app/whole_counter.h"

#include <utility>

#include "node/app/machine_routes.h"
#include "node/openrosa/routes.h"

namespace khuoi::http {

Result<std::shared_ptr<Counter>> make_whole_counter(Surroundings surroundings,
                                                    std::function<node::FiberServer::Figures()> fiber) {
  KHUOI_TRY(auto out, Counter::make(std::move(surroundings)));
  add_machine_routes(*out, std::move(fiber));
  openrosa::add_openrosa_routes(*out);
  if (!out->is_commune()) openrosa::add_phone_routes(*out);
  return out;
}

}  // namespace khuoi::http
