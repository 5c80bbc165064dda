// train_content: items by what is known about them, users by what they rated.
#include "pg/bridge/unused_memory.hpp"
#include "pg/training/content_trainer.hpp"
#include "pg/training/run_training.hpp"

PERSONALIZE_FUNCTION(train_content) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    return summary_datum(fcinfo, run_training(TrainerOf(parse_content_request(Arguments(fcinfo)))));
}
