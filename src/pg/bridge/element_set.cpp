#include "pg/bridge/element_set.hpp"

#include <algorithm>

namespace personalize::pg {

namespace {

TypeCacheEntry* ordered_type(Oid type) {
    TypeCacheEntry* entry = call([type] { return lookup_type_cache(type, TYPECACHE_CMP_PROC_FINFO); });
    if (!OidIsValid(entry->cmp_proc_finfo.fn_oid))
        throw SqlError(ERRCODE_UNDEFINED_FUNCTION, std::string("items of type ") + call([type] {
                                                       return format_type_be(type);
                                                   }) + " cannot be compared",
                       "Give arrays of a type that can be sorted, such as bigint, uuid or text.");
    return entry;
}

// The functions below run inside call().

int compare(TypeCacheEntry* type, Datum a, Datum b) {
    CHECK_FOR_INTERRUPTS();
    return DatumGetInt32(FunctionCall2Coll(&type->cmp_proc_finfo, type->typcollation, a, b));
}

// Calls visit(k, value, is_null) for the first `count` elements.
template <typename Visit>
void each_element(ArrayType* array, int count, Visit visit) {
    const ArrayIterator elements = array_create_iterator(array, 0, nullptr);
    Datum value = 0;
    bool is_null = false;
    for (int k = 0; k < count && array_iterate(elements, &value, &is_null); k++) {
        CHECK_FOR_INTERRUPTS();
        visit(k, value, is_null);
    }
    array_free_iterator(elements);
}

int compare_places(const void* a, const void* b, void* type) {
    return compare(static_cast<TypeCacheEntry*>(type), *static_cast<const Datum*>(a),
                   *static_cast<const Datum*>(b));
}

// Returns the number of distinct values, which come first. PostgreSQL's sort, unlike std::sort, stays within
// bounds when a type's comparison contradicts itself.
std::int64_t sort_distinct(TypeCacheEntry* type, Datum* values, std::int64_t count) {
    qsort_arg(values, count, sizeof(Datum), compare_places, type);
    const auto equal = [type](Datum a, Datum b) { return compare(type, a, b) == 0; };
    return std::unique(values, values + count, equal) - values;
}

}  // namespace

ElementSet::ElementSet(ArrayType* array, core::MemoryBudget& budget)
    : type_(ordered_type(ARR_ELEMTYPE(array))) {
    budget.reserve(static_cast<std::size_t>(length(array)) * sizeof(Datum), "the set of relevant items");
    sorted_.resize(length(array));
    size_ = call([type = type_, array, values = sorted_.data()] {
        std::int64_t count = 0;
        each_element(array, length(array), [&count, values](int, Datum value, bool is_null) {
            if (!is_null) values[count++] = value;
        });
        return sort_distinct(type, values, count);
    });
}

std::vector<std::uint8_t> ElementSet::mark_first(ArrayType* array, int count,
                                                 core::MemoryBudget& budget) const {
    if (ARR_ELEMTYPE(array) != type_->type_id)
        throw SqlError(ERRCODE_DATATYPE_MISMATCH, "arrays of different types cannot be compared");
    budget.reserve(static_cast<std::size_t>(count) + sorted_.size(), "the marks of recommended items");
    std::vector<std::uint8_t> marks(count, 0), met(sorted_.size(), 0);
    call([type = type_, array, count, begin = sorted_.data(), end = sorted_.data() + size_,
          marks = marks.data(), met = met.data()] {
        const auto before = [type](Datum a, Datum b) { return compare(type, a, b) < 0; };
        each_element(array, count, [=](int k, Datum value, bool is_null) {
            if (is_null) return;
            const Datum* found = std::lower_bound(begin, end, value, before);
            if (found == end || before(value, *found) || met[found - begin] != 0) return;
            marks[k] = met[found - begin] = 1;
        });
    });
    return marks;
}

}  // namespace personalize::pg
