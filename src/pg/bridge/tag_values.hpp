// Tags in SQL values: the elements of arrays, and what jsonb says.
#pragma once

#include <span>
#include <string_view>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

struct TagValue {
    std::string_view tag;
    double weight;  // infinite where a number does not fit into a float8
};

// Tags of more bytes are left out, with all that is below such a key.
constexpr int kLongestTag = 256;

// Elements of a text[] of any number of dimensions, but for NULLs. What is returned lives in the current
// memory context, here and below.
std::span<const TagValue> tags_of_array(Datum array);

// Strings and numbers of an array are tags, and so are keys of an object: with their number as weight, with 1
// for true, not at all for false and null. A string below a key is the tag "key=string", also as one of an
// array; keys of an object below a key are "key.inner".
std::span<const TagValue> tags_of_jsonb(Datum value);

}  // namespace personalize::pg
