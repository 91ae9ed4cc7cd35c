#include "node/app/whole_counter.h"

#include <utility>

#include "node/app/machine_routes.h"
#include "node/openrosa/routes.h"

namespace khuoi::http {

Result<std::shared_ptr<Counter>> make_whole_counter(Surroundings surroundings) {
  KHUOI_TRY(auto out, Counter::make(std::move(surroundings)));
  add_machine_routes(*out);
  openrosa::add_openrosa_routes(*out);
  if (!out->is_commune()) openrosa::add_phone_routes(*out);
  return out;
}

}  // namespace khuoi::http
