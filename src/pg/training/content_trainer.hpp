// What train_content is asked for, and models of content with the time, memory and progress of a RatingsWork.
#pragma once

#include "core/model/content_model.hpp"
#include "pg/sources/item_table.hpp"
#include "pg/training/ratings_training.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

// Positions of the arguments of train_content.
enum ContentArgument {
    kContentItems = kFirstTrainerOption,
    kContentTail = kContentItems + kItemTableArguments,
    kContentArguments = kContentTail + kTrainerTail
};

struct ContentRequest : TrainingRequest {
    ItemTable items;
};

// Throws null_value_not_allowed, and invalid_parameter_value for values out of range or that do not go
// together, what item_table_argument() throws.
ContentRequest parse_content_request(const Arguments& arguments);

std::unique_ptr<FittedModel> fit_model(core::Ratings ratings, const ContentRequest& request,
                                       RatingsWork& work);

}  // namespace personalize::pg
