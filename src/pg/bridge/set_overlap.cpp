#include "pg/bridge/set_overlap.hpp"

#include "pg/bridge/element_set.hpp"
#include "pg/bridge/pg_host.hpp"

namespace personalize::pg {

namespace {

// An element and the sides that have it: 1 the first array, 2 the second, 3 both.
struct Hashed {
    std::uint64_t hash;
    Datum value;
    int sides;
};

struct Equality {
    TypeCacheEntry* type;
    Oid collation;
    // Inside call(), both.
    bool equal(Datum a, Datum b) const {
        return DatumGetBool(FunctionCall2Coll(&type->eq_opr_finfo, collation, a, b));
    }
    std::uint64_t hash(Datum value) const {
        if (OidIsValid(type->hash_extended_proc_finfo.fn_oid))
            return DatumGetUInt64(
                FunctionCall2Coll(&type->hash_extended_proc_finfo, collation, value, UInt64GetDatum(0)));
        return DatumGetUInt32(FunctionCall1Coll(&type->hash_proc_finfo, collation, value));
    }
    bool has_hash() const {
        return OidIsValid(type->eq_opr_finfo.fn_oid) && OidIsValid(type->hash_proc_finfo.fn_oid);
    }
};

Equality equality_of(Oid type, Oid collation) {
    TypeCacheEntry* entry = call([type] {
        return lookup_type_cache(
            type, TYPECACHE_EQ_OPR_FINFO | TYPECACHE_HASH_PROC_FINFO | TYPECACHE_HASH_EXTENDED_PROC_FINFO);
    });
    return {entry, OidIsValid(collation) ? collation : entry->typcollation};
}

// Inside call(). Appends what the array has; returns the new end.
Hashed* put_hashed(const Equality& type, ArrayType* array, int side, Hashed* end) {
    const ArrayIterator elements = array_create_iterator(array, 0, nullptr);
    Datum value = 0;
    bool is_null = false;
    while (array_iterate(elements, &value, &is_null)) {
        CHECK_FOR_INTERRUPTS();
        if (!is_null) *end++ = {type.hash(value), value, side};
    }
    array_free_iterator(elements);
    return end;
}

// Inside call(). Elements of equal hash: leaves each value once, with its sides, in front; returns how many.
std::int64_t merge_equal(const Equality& type, Hashed* begin, const Hashed* end) {
    Hashed* distinct = begin;
    for (const Hashed* next = begin; next < end; next++) {
        Hashed* same = begin;
        while (same < distinct && !type.equal(same->value, next->value)) {
            CHECK_FOR_INTERRUPTS();
            same++;
        }
        if (same < distinct)
            same->sides |= next->sides;
        else
            *distinct++ = *next;
    }
    return distinct - begin;
}

core::SetOverlap overlap_by_hash(const Equality& type, ArrayType* a, ArrayType* b,
                                 core::MemoryBudget& budget) {
    const std::size_t most = static_cast<std::size_t>(length(a)) + static_cast<std::size_t>(length(b));
    budget.reserve(most * sizeof(Hashed), "the elements of two sets");
    std::vector<Hashed> elements(most);
    elements.resize(call([&type, a, b, begin = elements.data()] {
        return put_hashed(type, b, 2, put_hashed(type, a, 1, begin)) - begin;
    }));
    PgHost host;
    core::PollCounter steps(host);
    std::sort(elements.begin(), elements.end(), [&steps](const Hashed& left, const Hashed& right) {
        steps.count();
        return left.hash < right.hash;
    });
    return call([&type, begin = elements.data(), end = elements.data() + elements.size()] {
        core::SetOverlap sum;
        for (Hashed *group = begin, *next; group < end; group = next) {
            next = group;
            while (next < end && next->hash == group->hash) next++;
            const std::int64_t distinct = merge_equal(type, group, next);
            for (std::int64_t k = 0; k < distinct; k++) sum.add(group[k].sides & 1, group[k].sides & 2);
        }
        return sum;
    });
}

core::SetOverlap overlap_by_order(ArrayType* a, ArrayType* b, core::MemoryBudget& budget) {
    const ElementSet first(a, budget), second(b, budget);
    const auto marks = first.mark_first(b, length(b), budget);
    const auto both = static_cast<double>(std::count(marks.begin(), marks.end(), 1));
    return {both, static_cast<double>(first.size() + second.size()) - both};
}

template <typename T>
core::SetOverlap overlap_of_numbers(ArrayType* a, ArrayType* b, core::MemoryBudget& budget) {
    PgHost host;
    return core::overlap(elements<T>(a), elements<T>(b), budget, host);
}

}  // namespace

core::SetOverlap overlap(ArrayType* a, ArrayType* b, Oid collation, core::MemoryBudget& budget) {
    const Oid type = ARR_ELEMTYPE(a);
    if (ARR_ELEMTYPE(b) != type)
        throw SqlError(ERRCODE_DATATYPE_MISMATCH, "arrays of different types cannot be compared");
    if (first_null(a) == 0 && first_null(b) == 0) {
        if (type == INT8OID) return overlap_of_numbers<std::int64_t>(a, b, budget);
        if (type == INT4OID) return overlap_of_numbers<std::int32_t>(a, b, budget);
        if (type == INT2OID) return overlap_of_numbers<std::int16_t>(a, b, budget);
    }
    const Equality equality = equality_of(type, collation);
    return equality.has_hash() ? overlap_by_hash(equality, a, b, budget) : overlap_by_order(a, b, budget);
}

}  // namespace personalize::pg
