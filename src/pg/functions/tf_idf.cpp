// idf, tf_idf and cosine_sim of sparse vectors: texts (tsvector) and objects of weights (jsonb).
#include "core/neighbours/document_frequencies.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/term_factors.hpp"
#include "pg/bridge/unused_memory.hpp"

namespace personalize::pg {

namespace {

// The two types that hold sparse vectors.
struct Texts {
    static constexpr auto kOrder = kTsvectorOrder;
    static SparseTerms read(Datum datum, const char*, core::MemoryBudget& budget) {
        return tsvector_terms(datum, budget);
    }
};

struct Objects {
    static constexpr auto kOrder = kJsonbOrder;
    static SparseTerms read(Datum datum, const char* which, core::MemoryBudget& budget) {
        return jsonb_terms(jsonb_object(datum, which), which, budget);
    }
};

constexpr const char* kIdf = "idf";

template <typename Kind>
Datum compare(FunctionCallInfo fcinfo, bool with_idf) {
    core::MemoryBudget budget(settings::max_memory());
    SparseTerms a = Kind::read(PG_GETARG_DATUM(0), "the first vector", budget);
    SparseTerms b = Kind::read(PG_GETARG_DATUM(1), "the second vector", budget);
    if (with_idf) {
        TermFactors& idf = TermFactors::of(fcinfo);
        for (SparseTerms* vector : {&a, &b}) idf.multiply(*vector, PG_GETARG_DATUM(2), kIdf);
    }
    const std::optional<double> similarity = core::cosine(a, b, Kind::kOrder);
    if (!similarity) PG_RETURN_NULL();
    PG_RETURN_FLOAT8(*similarity);
}

template <typename Kind>
Datum weigh(FunctionCallInfo fcinfo) {
    core::MemoryBudget budget(settings::max_memory());
    SparseTerms terms = Kind::read(PG_GETARG_DATUM(0), "the document", budget);
    TermFactors::of(fcinfo).multiply(terms, PG_GETARG_DATUM(1), kIdf);
    core::normalize(terms);
    return jsonb_datum(terms);
}

// The state of the aggregate idf. (Of type internal: SQL cannot bring one of its own.)
struct IdfState {
    static constexpr std::size_t kManyTerms = 100000;  // giving memory back takes as long as counting some

    std::optional<ReturnsUnusedMemory> at_end;
    core::MemoryBudget budget{settings::max_memory()};
    core::DocumentFrequencies frequencies{budget};

    void look_at_size() {
        if (frequencies.terms() >= kManyTerms && !at_end) at_end.emplace();
    }
};

MemoryContext aggregate_context(FunctionCallInfo fcinfo) {
    MemoryContext context = nullptr;
    if (AggCheckCallContext(fcinfo, &context) == 0)
        throw SqlError(ERRCODE_WRONG_OBJECT_TYPE, "a part of the aggregate idf is called outside of it",
                       "Call idf().");
    return context;
}

IdfState* state_argument(FunctionCallInfo fcinfo, int position) {
    return reinterpret_cast<IdfState*>(PG_ARGISNULL(position) ? nullptr : PG_GETARG_POINTER(position));
}

template <typename Kind>
Datum count_document(FunctionCallInfo fcinfo) {
    const MemoryContext context = aggregate_context(fcinfo);
    IdfState* state = state_argument(fcinfo, 0);
    if (PG_ARGISNULL(1)) {
        if (state == nullptr) PG_RETURN_NULL();
        PG_RETURN_POINTER(state);
    }
    if (state == nullptr) state = make_owned<IdfState>(context);
    core::MemoryBudget budget(settings::max_memory());
    for (const core::WeightedTerm& t : Kind::read(PG_GETARG_DATUM(1), "a document", budget))
        if (t.weight != 0) state->frequencies.add_term(t.term);
    state->frequencies.add_document();
    state->look_at_size();
    PG_RETURN_POINTER(state);
}

}  // namespace

}  // namespace personalize::pg

using namespace personalize::pg;

PERSONALIZE_FUNCTION(cosine_sim_jsonb) { return compare<Objects>(fcinfo, false); }
PERSONALIZE_FUNCTION(cosine_sim_tsvector) { return compare<Texts>(fcinfo, false); }
PERSONALIZE_FUNCTION(cosine_sim_jsonb_idf) { return compare<Objects>(fcinfo, true); }
PERSONALIZE_FUNCTION(cosine_sim_tsvector_idf) { return compare<Texts>(fcinfo, true); }
PERSONALIZE_FUNCTION(tf_idf_tsvector) { return weigh<Texts>(fcinfo); }
PERSONALIZE_FUNCTION(tf_idf_jsonb) { return weigh<Objects>(fcinfo); }

PERSONALIZE_FUNCTION(idf_accumulate_tsvector) { return count_document<Texts>(fcinfo); }
PERSONALIZE_FUNCTION(idf_accumulate_jsonb) { return count_document<Objects>(fcinfo); }

PERSONALIZE_FUNCTION(idf_combine) {
    const MemoryContext context = aggregate_context(fcinfo);
    IdfState* state = state_argument(fcinfo, 0);
    const IdfState* part = state_argument(fcinfo, 1);
    if (state == nullptr && part == nullptr) PG_RETURN_NULL();
    if (state == nullptr) state = make_owned<IdfState>(context);
    if (part != nullptr) state->frequencies.combine(part->frequencies);
    state->look_at_size();
    PG_RETURN_POINTER(state);
}

PERSONALIZE_FUNCTION(idf_serialize) {
    const auto& frequencies = state_argument(fcinfo, 0)->frequencies;
    const std::size_t size = frequencies.byte_size();
    if (size > MaxAllocSize - VARHDRSZ)
        throw SqlError(
            ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            std::to_string(frequencies.terms()) + " terms are too many for a parallel worker to hand over",
            "SET max_parallel_workers_per_gather = 0, or leave rare terms out.");
    auto* bytes = call([size] { return static_cast<bytea*>(palloc(VARHDRSZ + size)); });
    SET_VARSIZE(bytes, VARHDRSZ + size);
    frequencies.write_bytes(VARDATA(bytes));
    PG_RETURN_BYTEA_P(bytes);
}

PERSONALIZE_FUNCTION(idf_deserialize) {
    const bytea* bytes = call([fcinfo] { return PG_GETARG_BYTEA_PP(0); });
    auto* state = make_owned<IdfState>(CurrentMemoryContext);
    state->frequencies.combine_bytes(
        {VARDATA_ANY(bytes), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(bytes))});
    state->look_at_size();
    PG_RETURN_POINTER(state);
}

PERSONALIZE_FUNCTION(idf_result) {
    const IdfState* state = state_argument(fcinfo, 0);
    if (state == nullptr) PG_RETURN_NULL();
    return call([frequencies = &state->frequencies] {
        JsonbObject object;
        frequencies->each([&object](std::string_view term, double idf) { object.put(term, idf); });
        return object.finish();
    });
}
