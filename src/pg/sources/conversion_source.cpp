#include "pg/sources/conversion_source.hpp"

#include <unordered_map>

#include "pg/bridge/read_rows.hpp"
#include "pg/sources/columns.hpp"

namespace personalize::pg {

namespace {

constexpr const char* kUser = "user_id";
constexpr const char* kItem = "item_id";
constexpr const char* kTime = "shown_at";
constexpr const char* kTimestamp = "::pg_catalog.timestamptz";

// A moment: the order of an impression and an event within a day matters.
void check_time_column(Oid relation, const std::string& column, const char* option) {
    const Oid type = sources::column_type(relation, column, option);
    if (type == TIMESTAMPTZOID || type == TIMESTAMPOID) return;
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   "column \"" + column + "\" of " + quoted_relation(relation) + " is of type " +
                       call([type] { return format_type_be(type); }) + ", which is no moment in time",
                   "Use a column of type timestamptz or timestamp; a view can cast others.");
}

void check_version_column(Oid relation) {
    const Oid type = sources::column_type(relation, "version", nullptr);
    if (type == INT2OID || type == INT4OID || type == INT8OID) return;
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   "column \"version\" of " + quoted_relation(relation) + " is of type " +
                       call([type] { return format_type_be(type); }),
                   "Versions are of type integer; a view can cast others.");
}

// Bytes are compared: that is fast, and the same whatever the collations of the columns.
std::string text_of(const std::string& column) {
    return "(s." + quoted(column) + "::pg_catalog.text COLLATE pg_catalog.\"C\")";
}

// An id as the text that it is matched by. Uuids that an application wrote as text may be in capitals.
std::string id_text(const std::string& column, core::IdType type, core::IdType other) {
    if (type == core::IdType::text && other == core::IdType::uuid)
        return "pg_catalog.lower(" + text_of(column) + ")";
    return text_of(column);
}

std::string column_of(const std::string& column) { return "s." + quoted(column); }

std::string rows_with(const std::vector<std::string>& columns) {
    std::string condition;
    for (const auto& column : columns)
        condition += (condition.empty() ? " WHERE " : " AND ") + column_of(column) + " IS NOT NULL";
    return condition;
}

std::string from_impressions(const ConversionSource& source) {
    return " FROM " + quoted_relation(source.impressions) + " AS s" + rows_with({kUser, kItem, kTime});
}

// Events that can matter: none before the first impression.
std::string from_events(const ConversionSource& source) {
    std::vector<std::string> columns = {source.user_column, source.item_column, source.time_column};
    if (source.kind_column) columns.push_back(*source.kind_column);
    const std::string time = column_of(source.time_column) + kTimestamp;
    return " FROM " + quoted_relation(source.events) + " AS s" + rows_with(columns) + " AND " + time +
           " OPERATOR(pg_catalog.>) (SELECT pg_catalog.min(s." + kTime + kTimestamp + ")" +
           from_impressions(source) + ") AND " + time + " OPERATOR(pg_catalog.<=) pg_catalog.now()";
}

std::string select_impressions(const ConversionSource& source) {
    const std::string time = column_of(kTime) + kTimestamp;
    return "SELECT " + id_text(kUser, source.impression_types[0], source.event_types[0]) + " AS u, " +
           id_text(kItem, source.impression_types[1], source.event_types[1]) + " AS i, " + time +
           " AS at, CASE WHEN " + time + " OPERATOR(pg_catalog.<=) pg_catalog.now() THEN " + time +
           " OPERATOR(pg_catalog.+) " + source.within + " ELSE 'infinity'" + kTimestamp +
           " END AS deadline, " + text_of("model") + " AS label, s.version::pg_catalog.int4 AS version" +
           from_impressions(source);
}

std::string select_events(const ConversionSource& source) {
    const std::string kind = source.kind_column ? text_of(*source.kind_column) : "NULL::pg_catalog.text";
    return "SELECT " + id_text(source.user_column, source.event_types[0], source.impression_types[0]) + ", " +
           id_text(source.item_column, source.event_types[1], source.impression_types[1]) + ", " +
           column_of(source.time_column) + kTimestamp + ", NULL" + kTimestamp + ", " + kind +
           ", NULL::pg_catalog.int4" + from_events(source);
}

std::string_view view_of(Datum text) {
    const auto* value = reinterpret_cast<const varlena*>(DatumGetPointer(text));
    return {VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
}

// A name in a list, and once more as a key (TouchesSink).
void reserve_name(core::MemoryBudget& budget, std::size_t bytes, const char* what) {
    constexpr std::size_t kOverhead = sizeof(ShownVersion) + sizeof(std::string) + 64;
    budget.reserve(2 * bytes + kOverhead, what);
}

class VersionsSink : public RowSink {
  public:
    explicit VersionsSink(core::MemoryBudget& budget) : budget_(budget) {}
    void row(const Datum* values, const bool* nulls) override {
        const std::string_view model = nulls[0] ? std::string_view() : view_of(values[0]);
        reserve_name(budget_, model.size(), "the versions in the impressions");
        ShownVersion& version = versions.emplace_back();
        if (!nulls[0]) version.model = model;
        if (!nulls[1]) version.version = DatumGetInt32(values[1]);
    }
    std::vector<ShownVersion> versions;

  private:
    core::MemoryBudget& budget_;
};

class KindsSink : public RowSink {
  public:
    explicit KindsSink(core::MemoryBudget& budget) : budget_(budget) {}
    void row(const Datum* values, const bool*) override {
        const std::string_view kind = view_of(values[0]);
        reserve_name(budget_, kind.size(), "the kinds of events");
        kinds.emplace_back(kind);
    }
    std::vector<std::string> kinds;

  private:
    core::MemoryBudget& budget_;
};

// Texts hold no zero byte.
std::string key_of(const ShownVersion& version) {
    std::string key;
    if (version.model) key.append(1, 'm').append(*version.model);
    key += '\0';
    if (version.version) key += std::to_string(*version.version);
    return key;
}

class TouchesSink : public RowSink {
  public:
    TouchesSink(const std::vector<ShownVersion>& versions, const std::vector<std::string>& kinds,
                core::LastTouch& touches)
        : touches_(touches) {
        for (const auto& version : versions)
            versions_.emplace(key_of(version), static_cast<int>(versions_.size()));
        for (const auto& kind : kinds) kinds_.emplace(kind, static_cast<int>(kinds_.size()));
    }

    void row(const Datum* values, const bool* nulls) override {
        touches_.pair(view_of(values[0]), view_of(values[1]));
        const auto time = DatumGetTimestampTz(values[2]);
        if (nulls[3]) {
            touches_.event(nulls[4] ? 0 : number_of(kinds_, std::string(view_of(values[4]))), time);
            return;
        }
        ShownVersion shown;
        if (!nulls[4]) shown.model = view_of(values[4]);
        if (!nulls[5]) shown.version = DatumGetInt32(values[5]);
        touches_.impression(number_of(versions_, key_of(shown)), time, DatumGetTimestampTz(values[3]));
    }

  private:
    using Numbers = std::unordered_map<std::string, int>;

    static int number_of(const Numbers& numbers, const std::string& key) {
        const auto found = numbers.find(key);
        if (found != numbers.end()) return found->second;
        throw SqlError(ERRCODE_DATA_EXCEPTION, "a view gave other rows when it was read again",
                       "Impressions and events must not depend on volatile functions.");
    }

    Numbers versions_, kinds_;
    core::LastTouch& touches_;
};

}  // namespace

std::string ShownVersion::label() const {
    std::string label = model.value_or("");
    if (version) label.append(1, ' ').append(std::to_string(*version));
    return label;
}

void check_source(ConversionSource& source) {
    sources::hold_relation(source.impressions);
    sources::hold_relation(source.events);
    source.impression_types[0] = sources::id_column_type(source.impressions, kUser, nullptr);
    source.impression_types[1] = sources::id_column_type(source.impressions, kItem, nullptr);
    sources::column_type(source.impressions, "model", nullptr);
    check_version_column(source.impressions);
    check_time_column(source.impressions, kTime, nullptr);
    source.event_types[0] = sources::id_column_type(source.events, source.user_column, "user_column");
    source.event_types[1] = sources::id_column_type(source.events, source.item_column, "item_column");
    check_time_column(source.events, source.time_column, "time_column");
    if (source.kind_column) sources::column_type(source.events, *source.kind_column, "kind_column");
}

std::vector<ShownVersion> read_versions(const ConversionSource& source, core::MemoryBudget& budget) {
    VersionsSink sink(budget);
    read_rows(
        "SELECT v.model, v.version FROM (SELECT DISTINCT " + text_of("model") +
            " AS model, s.version::pg_catalog.int4 AS version" + from_impressions(source) +
            ") AS v ORDER BY v.model OPERATOR(pg_catalog.=) 'default'::pg_catalog.text DESC NULLS LAST, "
            "v.model, v.version",
        sink);
    return std::move(sink.versions);
}

std::vector<std::string> read_kinds(const ConversionSource& source, core::MemoryBudget& budget) {
    if (!source.kind_column) return {};
    KindsSink sink(budget);
    read_rows("SELECT DISTINCT " + text_of(*source.kind_column) + " AS kind" + from_events(source) +
                  " ORDER BY kind",
              sink);
    return std::move(sink.kinds);
}

// By user, item and time; events stand before impressions of the same time.
void read_touches(const ConversionSource& source, const std::vector<ShownVersion>& versions,
                  const std::vector<std::string>& kinds, core::LastTouch& touches) {
    TouchesSink sink(versions, kinds, touches);
    read_rows("SELECT r.u, r.i, r.at, r.deadline, r.label, r.version FROM (" + select_impressions(source) +
                  " UNION ALL " + select_events(source) +
                  ") AS r ORDER BY r.u, r.i, r.at, r.deadline IS NOT NULL",
              sink);
    touches.finish();
}

}  // namespace personalize::pg
