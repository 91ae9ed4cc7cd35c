#pragma once

#include <memory>

#include "node/counter/counter.h"
#include "node/openrosa/gate.h"

namespace khuoi::openrosa {

/// What ODK Collect asks for: /formList, /forms/… and /submission, each behind the gate.
void add_openrosa_routes(http::Counter& counter);
/// The same paths while the data folder holds no node: 503, and a phone keeps its forms and asks again. An empty list
/// would have a phone that matches its list exactly throw its forms away.
void add_openrosa_refusals(http::Router& router);
/// /api/phones: the accounts, for a person on the page.
void add_phone_routes(http::Counter& counter);

// Parts of the former.
void add_listing_routes(http::Counter& counter, const std::shared_ptr<Gate>& gate);
void add_handing_in_routes(http::Counter& counter, const std::shared_ptr<Gate>& gate);
/// A route with the gate before it, and answers as OpenRosa has them. The gate is shared by all of these routes.
http::Route gated(const std::shared_ptr<Gate>& gate, http::Method method, std::string pattern,
                  std::function<http::Response(http::Request&)> handle);

}  // namespace khuoi::openrosa
