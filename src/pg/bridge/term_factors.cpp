#include "pg/bridge/term_factors.hpp"

#include <cmath>
#include <cstring>

namespace personalize::pg {

namespace {

// Keys and then values of an object, as jsonb.h describes them. Reading them by place calls nothing that
// could raise an error.
class Entries {
  public:
    explicit Entries(const JsonbContainer& object) : object_(object) {}

    int count() const { return static_cast<int>(JsonContainerSize(&object_)); }
    std::string_view key(int place) const {
        return {bytes() + getJsonbOffset(&object_, place), getJsonbLength(&object_, place)};
    }
    // Null where the value is none.
    Numeric number(int place) const {
        const int entry = place + count();
        if (!JBE_ISNUMERIC(object_.children[entry])) return nullptr;
        return reinterpret_cast<Numeric>(const_cast<char*>(bytes()) +
                                         INTALIGN(getJsonbOffset(&object_, entry)));
    }
    // -1: there is none. Keys are in order of length, then of bytes.
    int find(std::string_view term) const {
        int low = 0, high = count();
        while (low < high) {
            const int middle = low + (high - low) / 2;
            const std::string_view at = key(middle);
            const int order = at.size() == term.size() ? at.compare(term) : at.size() < term.size() ? -1 : 1;
            if (order == 0) return middle;
            (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
        }
        return -1;
    }

  private:
    const char* bytes() const { return reinterpret_cast<const char*>(object_.children + 2 * count()); }
    const JsonbContainer& object_;
};

std::string_view bytes_of(Numeric number) {
    return {reinterpret_cast<const char*>(number), VARSIZE_ANY(number)};
}

}  // namespace

TermFactors& TermFactors::of(FunctionCallInfo fcinfo) {
    FmgrInfo* function = fcinfo->flinfo;
    if (function->fn_extra == nullptr)
        function->fn_extra = make_owned<TermFactors>(function->fn_mcxt, function->fn_mcxt);
    return *static_cast<TermFactors*>(function->fn_extra);
}

const Jsonb* TermFactors::fetched(Datum object, const char* which) {
    const void* value = DatumGetPointer(object);
    if (!VARATT_IS_EXTERNAL_ONDISK(value)) return jsonb_object(object, which);
    varatt_external address;
    std::memcpy(&address, VARDATA_EXTERNAL(value), sizeof address);
    if (object_ != nullptr && std::memcmp(&address, &address_, sizeof address) == 0) return object_;
    if (object_ != nullptr) call([old = const_cast<Jsonb*>(object_)] { pfree(old); });
    object_ = nullptr;
    object_ = call([context = context_, object] {
        const MemoryContext before = MemoryContextSwitchTo(context);
        const Jsonb* copy = DatumGetJsonbPCopy(object);
        MemoryContextSwitchTo(before);
        return copy;
    });
    address_ = address;
    return jsonb_object(PointerGetDatum(object_), which);
}

double TermFactors::factor_of(const JsonbContainer& keys, std::string_view term, const char* which) {
    const Entries entries(keys);
    const auto found = known_.find(term);
    if (found != known_.end() && found->second.place < entries.count()) {
        const Known& known = found->second;
        const Numeric number = entries.key(known.place) == term ? entries.number(known.place) : nullptr;
        if (number != nullptr && bytes_of(number) == std::string_view(known.number.data(), known.size))
            return known.factor;
    }
    const int place = entries.find(term);
    if (place < 0) return 0;
    const double factor = jsonb_weight(keys, term, which);
    const std::string_view number = bytes_of(entries.number(place));
    if (number.size() > sizeof(Known::number) || known_.size() >= kMostKnown) return factor;
    Known& known = known_[std::string(term)];
    known.place = place;
    known.factor = factor;
    known.size = number.size();
    std::copy(number.begin(), number.end(), known.number.begin());
    return factor;
}

void TermFactors::multiply(SparseTerms& terms, Datum object, const char* which) {
    const JsonbContainer& keys = fetched(object, which)->root;
    for (core::WeightedTerm& t : terms) {
        checkpoint();
        t.weight *= factor_of(keys, t.term, which);
        if (!std::isfinite(t.weight)) refuse_large_weight(t.term, which);
    }
}

}  // namespace personalize::pg
