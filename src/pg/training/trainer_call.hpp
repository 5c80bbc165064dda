// The arguments of a trainer that is named, not called: its options come as jsonb.
#pragma once

#include <string>
#include <vector>

#include "pg/bridge/arguments.hpp"

namespace personalize::pg {

// As if `trainer`, an SQL function in `schema` with so many arguments whose first is a relation, had been
// called with named ones: what `options` (jsonb) leaves out has its default. Members named in `reserved` are
// refused. Throws invalid_parameter_value, with the names that there are, and what an argument's type says of
// a text that is none of its values.
class TrainerCall {
  public:
    TrainerCall(Oid schema, const char* trainer, int arguments, Oid relation, Datum options,
                const std::vector<const char*>& reserved);
    Arguments arguments() const { return {values_.data(), static_cast<int>(values_.size())}; }

  private:
    std::vector<NullableDatum> values_;
};

}  // namespace personalize::pg
