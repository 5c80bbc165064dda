// A jsonb object {"term": factor}, often large and the same for all rows of a query.
#pragma once

#include <array>
#include <string>
#include <unordered_map>

#include "pg/bridge/sparse_vectors.hpp"

namespace personalize::pg {

// Kept from call to call of a function in a query. An object that is stored out of line is fetched once,
// known by its address there. What was found for a term is remembered with its place, and holds wherever the
// object has the same key and the same number in that place: so each call may bring another object. (98,000
// keys, two texts of 121 terms: 68 us a call; 137 if nothing were remembered, 1,260 if the object were
// fetched each time.)
class TermFactors {
  public:
    // Those of the place in the query from which the function is called.
    static TermFactors& of(FunctionCallInfo fcinfo);

    explicit TermFactors(MemoryContext context) : context_(context) {}

    // Multiplies each weight by the factor of its term, by 0 where there is none. `which` is the object's
    // name in messages: anything but an object, or a factor that is no number, is invalid_parameter_value;
    // one that a float8 cannot hold, or with which the product cannot be held, numeric_value_out_of_range.
    void multiply(SparseTerms& terms, Datum object, const char* which);

  private:
    struct Known {
        int place;
        double factor;
        std::size_t size;  // of the number that the object has, 0: too long to be remembered
        std::array<char, 24> number;
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    static constexpr std::size_t kMostKnown = 200000;  // some 30 MB

    const Jsonb* fetched(Datum object, const char* which);
    double factor_of(const JsonbContainer& keys, std::string_view term, const char* which);

    MemoryContext context_;
    varatt_external address_ = {};
    const Jsonb* object_ = nullptr;
    std::unordered_map<std::string, Known, Hash, std::equal_to<>> known_;
};

}  // namespace personalize::pg
