#include "pg/sources/features.hpp"

#include <algorithm>

#include "pg/bridge/read_rows.hpp"
#include "pg/sources/columns.hpp"

namespace personalize::pg::sources {

namespace {

bool is_number_type(Oid type) noexcept {
    switch (type) {
        case INT2OID:
        case INT4OID:
        case INT8OID:
        case FLOAT4OID:
        case FLOAT8OID:
        case NUMERICOID:
            return true;
        default:
            return false;
    }
}

FeatureKind kind_of(Oid base_type) {
    if (base_type == BOOLOID) return FeatureKind::boolean;
    if (is_number_type(base_type)) return FeatureKind::number;
    if (call([base_type] { return TypeCategory(base_type); }) == TYPCATEGORY_STRING) return FeatureKind::text;
    const Oid element = call([base_type] {
        const Oid type = get_element_type(base_type);
        return OidIsValid(type) ? getBaseType(type) : InvalidOid;
    });
    return is_number_type(element) ? FeatureKind::vector : FeatureKind::other;
}

struct Names {
    const char** names;
    int count;
};

std::vector<std::string> all_columns(Oid relation) {
    const Names columns = call([relation] {
        const Relation table = table_open(relation, AccessShareLock);
        const TupleDesc description = RelationGetDescr(table);
        Names n = {static_cast<const char**>(palloc0(sizeof(char*) * (description->natts + 1))), 0};
        for (int k = 0; k < description->natts; k++)
            if (!TupleDescAttr(description, k)->attisdropped)
                n.names[n.count++] = pstrdup(NameStr(TupleDescAttr(description, k)->attname));
        table_close(table, AccessShareLock);
        return n;
    });
    return {columns.names, columns.names + columns.count};
}

std::vector<std::string> names_argument(const Arguments& arguments, int position, const char* option) {
    struct Elements {
        Datum* values;
        bool* nulls;
        int count;
    };
    const auto elements = call([array = arguments.datum(position)] {
        Elements e = {};
        deconstruct_array(DatumGetArrayTypeP(array), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &e.values,
                          &e.nulls, &e.count);
        return e;
    });
    std::vector<std::string> names;
    for (int k = 0; k < elements.count; k++) {
        if (elements.nulls[k])
            throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                           "element " + std::to_string(k + 1) + " of " + option + " is NULL",
                           "Give the names of columns, or NULL instead of the array for all of them.");
        names.emplace_back(NameStr(*DatumGetName(elements.values[k])));
    }
    return names;
}

}  // namespace

Feature feature_column(Oid relation, const std::string& name, const char* option) {
    const Oid base_type = column_type(relation, name, option, "{...}");
    const char* type = call([relation, column = name.c_str()] {
        Oid type, collation;
        int32 modifier;
        get_atttypetypmodcoll(relation, get_attnum(relation, column), &type, &modifier, &collation);
        return format_type_with_typemod(type, modifier);
    });
    const bool has_equality =
        call([base_type] { return OidIsValid(lookup_type_cache(base_type, TYPECACHE_EQ_OPR)->eq_opr); });
    return {name, type, base_type, kind_of(base_type), has_equality};
}

std::vector<Feature> features_argument(Oid relation, const Arguments& arguments, int position,
                                       const char* option) {
    hold_relation(relation);
    std::vector<Feature> features;
    for (const std::string& name :
         arguments.is_null(position) ? all_columns(relation) : names_argument(arguments, position, option))
        features.push_back(feature_column(relation, name, option));
    return features;
}

std::vector<Feature> distinct_features_argument(Oid relation, const Arguments& arguments, int position,
                                                const char* option) {
    auto features = features_argument(relation, arguments, position, option);
    for (auto feature = features.begin(); feature != features.end(); ++feature)
        if (std::any_of(features.begin(), feature, [&](const Feature& f) { return f.name == feature->name; }))
            throw SqlError(ERRCODE_DUPLICATE_COLUMN,
                           std::string(option) + " names column \"" + feature->name + "\" twice",
                           "Name each column once.");
    return features;
}

std::string number_expression(const Feature& feature) {
    const char* cast = feature.kind == FeatureKind::boolean ? "::pg_catalog.int4" : "";
    return double_expression(feature.base_type, "s." + quoted(feature.name) + cast);
}

std::string present_condition(const Feature& feature) {
    const std::string column = "s." + quoted(feature.name);
    if (is_number(feature))
        return number_expression(feature) + " OPERATOR(pg_catalog.<) 'NaN'::pg_catalog.float8";
    if (feature.kind == FeatureKind::text)
        return "pg_catalog.octet_length(pg_catalog.btrim(" + column +
               "::pg_catalog.text, E' \\t\\n\\013\\f\\r')) OPERATOR(pg_catalog.>) 0";
    return column + " IS DISTINCT FROM NULL";  // IS NOT NULL would look into a row
}

}  // namespace personalize::pg::sources
