#include "pg/bridge/read_rows.hpp"

namespace personalize::pg {

namespace {

struct Receiver {
    DestReceiver head;  // first: PostgreSQL casts between the two
    RowSink* sink;
    Bitmapset* texts;   // columns of type text
    Bitmapset* arrays;  // of type float8[]
    bool needs_row_memory;
};

void start(DestReceiver* self, int, TupleDesc columns) {
    auto* receiver = reinterpret_cast<Receiver*>(self);
    for (int k = 0; k < columns->natts; k++) {
        const Oid type = TupleDescAttr(columns, k)->atttypid;
        if (type == TEXTOID) receiver->texts = bms_add_member(receiver->texts, k);
        if (type == FLOAT8ARRAYOID) receiver->arrays = bms_add_member(receiver->arrays, k);
    }
}

// A copy: the slot stays the executor's, which may compare the next row with it.
const Datum* plain_values(const Receiver* receiver, const TupleTableSlot* slot) {
    const std::size_t size = sizeof(Datum) * slot->tts_tupleDescriptor->natts;
    auto* values = static_cast<Datum*>(palloc(size));
    memcpy(values, slot->tts_values, size);
    for (int k = -1; (k = bms_next_member(receiver->texts, k)) >= 0;)
        if (!slot->tts_isnull[k]) values[k] = PointerGetDatum(PG_DETOAST_DATUM_PACKED(values[k]));
    for (int k = -1; (k = bms_next_member(receiver->arrays, k)) >= 0;)
        if (!slot->tts_isnull[k]) values[k] = PointerGetDatum(DatumGetArrayTypeP(values[k]));
    return values;
}

void hand_over(const Receiver* receiver, const Datum* values, const bool* nulls) {
    guarded([receiver, values, nulls] { receiver->sink->row(values, nulls); });
}

bool receive(TupleTableSlot* slot, DestReceiver* self) {
    const auto* receiver = reinterpret_cast<Receiver*>(self);
    slot_getallattrs(slot);
    if (receiver->texts == nullptr && receiver->arrays == nullptr && !receiver->needs_row_memory) {
        hand_over(receiver, slot->tts_values, slot->tts_isnull);
        return true;
    }
    // Emptied after each row; not where one fails, whose error may lie there.
    static MemoryContext row_memory = nullptr;
    if (row_memory == nullptr)
        row_memory = AllocSetContextCreate(TopMemoryContext, "personalize row", ALLOCSET_SMALL_SIZES);
    const MemoryContext before = MemoryContextSwitchTo(row_memory);
    const Datum* values = plain_values(receiver, slot);
    if (!receiver->needs_row_memory) MemoryContextSwitchTo(before);
    hand_over(receiver, values, slot->tts_isnull);
    MemoryContextSwitchTo(before);
    MemoryContextReset(row_memory);
    return true;
}

void nothing(DestReceiver*) {}

Receiver* make_receiver(RowSink* sink) {
    auto* receiver = static_cast<Receiver*>(palloc0(sizeof(Receiver)));
    receiver->head.receiveSlot = receive;
    receiver->head.rStartup = start;
    receiver->head.rShutdown = nothing;
    receiver->head.rDestroy = nothing;
    receiver->head.mydest = DestNone;
    receiver->sink = sink;
    receiver->needs_row_memory = sink->needs_row_memory();
    return receiver;
}

void connect() {
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
}

SPIPlanPtr prepare(const char* sql, int parameters, Oid* types, int options) {
    SPIPlanPtr plan = SPI_prepare_cursor(sql, parameters, types, options);
    if (plan == nullptr) elog(ERROR, "cannot prepare %s: %s", sql, SPI_result_code_string(SPI_result));
    return plan;
}

void execute(SPIPlanPtr plan, ParamListInfo parameters, RowSink* sink) {
    SPIExecuteOptions options = {};
    options.params = parameters;
    options.read_only = true;
    options.dest = &make_receiver(sink)->head;
    const int result = SPI_execute_plan_extended(plan, &options);
    if (result < 0) elog(ERROR, "cannot execute: %s", SPI_result_code_string(result));
}

// While it lives plans are made without JIT compilation: it cannot be cancelled for some hundred
// milliseconds, and gains nothing for queries that only fetch columns.
class WithoutJit {
  public:
    WithoutJit() : before_(jit_enabled) { jit_enabled = false; }
    ~WithoutJit() { jit_enabled = before_; }
    WithoutJit(const WithoutJit&) = delete;
    WithoutJit& operator=(const WithoutJit&) = delete;

  private:
    const bool before_;
};

ParamListInfo one_parameter(Datum value, Oid type) {
    ParamListInfo list = makeParamList(1);
    list->params[0].value = value;
    list->params[0].isnull = false;
    list->params[0].pflags = PARAM_FLAG_CONST;
    list->params[0].ptype = type;
    return list;
}

}  // namespace

void read_rows(const std::string& sql, RowSink& sink) {
    const WithoutJit without_jit;
    call([text = sql.c_str(), sink = &sink] {
        connect();
        execute(prepare(text, 0, nullptr, 0), nullptr, sink);
        SPI_finish();
    });
}

KeptQuery::KeptQuery(const std::string& sql, Oid parameter_type) {
    plan_ = call([text = sql.c_str(), parameter_type] {
        Oid type = parameter_type;
        connect();
        SPIPlanPtr plan = prepare(text, 1, &type, CURSOR_OPT_GENERIC_PLAN);
        SPI_keepplan(plan);
        SPI_finish();
        return plan;
    });
}

KeptQuery::~KeptQuery() { SPI_freeplan(plan_); }

void KeptQuery::read(Datum parameter, RowSink& sink) {
    const WithoutJit without_jit;
    call([plan = plan_, parameter, sink = &sink] {
        connect();
        execute(plan, one_parameter(parameter, SPI_getargtypeid(plan, 0)), sink);
        SPI_finish();
    });
}

std::string quoted(const std::string& identifier) {
    return call([text = identifier.c_str()] { return quote_identifier(text); });
}

std::string quoted_relation(Oid relation) {
    const char* name = call([relation]() -> const char* {
        const char* table = get_rel_name(relation);
        if (table == nullptr) return nullptr;
        return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), table);
    });
    if (name == nullptr)
        throw SqlError(ERRCODE_UNDEFINED_TABLE,
                       "relation with OID " + std::to_string(relation) + " does not exist");
    return name;
}

}  // namespace personalize::pg
