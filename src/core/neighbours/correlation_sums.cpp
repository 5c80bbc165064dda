#include "core/neighbours/correlation_sums.hpp"

#include "core/neighbours/similarity.hpp"

namespace personalize::core {

void CorrelationSums::rescale(Column& column, double factor) noexcept {
    column.origin *= factor;
    column.mean *= factor;
    column.squares = column.squares * factor * factor;
    products *= factor;
}

double CorrelationSums::in_units(Column& column, double value) noexcept {
    const double factor = column.unit.raise_for(value);
    if (factor != 1) rescale(column, factor);
    return column.unit.of(value);
}

void CorrelationSums::add(double x_value, double y_value) noexcept {
    const double x_units = in_units(x, x_value), y_units = in_units(y, y_value);
    if (count == 0) x.origin = x_units, y.origin = y_units;
    count++;
    const double dx = x_units - x.origin - x.mean, dy = y_units - y.origin - y.mean;
    x.mean += dx / count;
    y.mean += dy / count;
    const double rest = (count - 1) / count;  // what is left of a deviation when the mean has moved
    x.squares += dx * dx * rest;
    y.squares += dy * dy * rest;
    products += dx * dy * rest;
}

void CorrelationSums::combine(const CorrelationSums& other) noexcept {
    if (other.count == 0) return;
    if (count == 0) {
        *this = other;
        return;
    }
    CorrelationSums part = other;
    for (const auto column : {&CorrelationSums::x, &CorrelationSums::y}) {
        Column &mine = this->*column, &theirs = part.*column;
        if (mine.unit.size < theirs.unit.size) rescale(mine, mine.unit.raise_to(theirs.unit.size));
        if (theirs.unit.size < mine.unit.size) part.rescale(theirs, theirs.unit.raise_to(mine.unit.size));
    }
    const double total = count + part.count, share = part.count / total, between = count * share;
    const double dx = part.x.origin - x.origin + (part.x.mean - x.mean);
    const double dy = part.y.origin - y.origin + (part.y.mean - y.mean);
    x.mean += dx * share;
    y.mean += dy * share;
    x.squares += part.x.squares + dx * dx * between;
    y.squares += part.y.squares + dy * dy * between;
    products += part.products + dx * dy * between;
    count = total;
}

std::optional<double> CorrelationSums::pearson() const noexcept {
    if (count < 2) return std::nullopt;
    return CosineSums{products, x.squares, y.squares}.cosine();
}

}  // namespace personalize::core
