#include "pg/training/test_ratings.hpp"

#include "pg/bridge/ids.hpp"
#include "pg/sources/columns.hpp"

namespace personalize::pg {

Source test_columns(const Source& trained, const TestColumns& named, Oid relation, bool needs_ratings) {
    Source columns = trained;
    if (named.user) columns.user_column = *named.user;
    if (named.item) columns.item_column = *named.item;
    if (named.rating)
        columns.rating_column = *named.rating;
    else if (columns.rating_column && !needs_ratings &&
             !sources::has_column(relation, *columns.rating_column))
        columns.rating_column.reset();
    if (columns.on_duplicate != core::OnDuplicate::last) columns.time_column.reset();
    if (columns.on_duplicate == core::OnDuplicate::error) columns.on_duplicate = core::OnDuplicate::mean;
    return columns;
}

void require_same_ids(const LoadedModel& model, const RatingsSource& test) {
    const auto require = [&](core::IdType has, core::IdType wants, const char* what) {
        if (has == wants) return;
        throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                       std::string(what) + " ids of the test ratings are of type " + type_name(has) +
                           ", those of model \"" + model.name() + "\" of type " + type_name(wants),
                       "Test with a view that casts them.");
    };
    require(test.user_type, model.parts().users.type(), "user");
    require(test.item_type, model.parts().items.type(), "item");
}

}  // namespace personalize::pg
