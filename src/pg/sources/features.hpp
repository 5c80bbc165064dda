// Columns of any relation as features: which there are, and how they are read.
#pragma once

#include <string>
#include <vector>

#include "pg/bridge/arguments.hpp"

namespace personalize::pg::sources {

enum class FeatureKind {
    number,   // smallint, integer, bigint, real, double precision, numeric
    boolean,  // counts as the numbers 0 and 1
    text,     // text, varchar, char(n), name and types like them
    vector,   // arrays of such numbers
    other,
};

struct Feature {
    std::string name;
    std::string type;  // as declared: 'numeric(10,2)', or the name of a domain
    Oid base_type;     // seen through domains
    FeatureKind kind;
    bool has_equality;
    int elements = 0;  // of each vector, once measured (feature_rows.hpp)
};

// The columns that an argument of type name[] names, in its order; where it is NULL, all of the relation in
// theirs. Locks the relation. Throws undefined_table, wrong_object_type, undefined_column, and
// null_value_not_allowed for a NULL among the names.
std::vector<Feature> features_argument(Oid relation, const Arguments& arguments, int position,
                                       const char* option);

// The same where each column counts once. Throws duplicate_column, too.
std::vector<Feature> distinct_features_argument(Oid relation, const Arguments& arguments, int position,
                                                const char* option);

// One column by its name. `option`: the argument that named it. Throws undefined_column.
Feature feature_column(Oid relation, const std::string& name, const char* option);

inline bool is_number(const Feature& feature) noexcept {
    return feature.kind == FeatureKind::number || feature.kind == FeatureKind::boolean;
}

// SQL for a relation with the alias s: the column as float8 (where is_number()), and whether a value is
// there, neither NULL, nor NaN, nor a text of nothing but ASCII white space.
std::string number_expression(const Feature& feature);
std::string present_condition(const Feature& feature);

}  // namespace personalize::pg::sources
