// train_ease: a linear model of items on a ratings table.
#include "pg/bridge/unused_memory.hpp"
#include "pg/training/ease_trainer.hpp"
#include "pg/training/run_training.hpp"

PERSONALIZE_FUNCTION(train_ease) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    return summary_datum(fcinfo, run_training(TrainerOf(parse_ease_request(Arguments(fcinfo)))));
}
