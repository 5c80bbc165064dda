#include "core/neighbours/correlation_sums.hpp"

#include <algorithm>
#include <cmath>

#include "core/neighbours/similarity.hpp"

namespace personalize::core {

void CorrelationSums::raise_unit(Column& column, double to) noexcept {
    const double factor = column.unit / to;  // a power of two: exact, or what it makes vanish is negligible
    column.unit = to;
    column.origin *= factor;
    column.mean *= factor;
    column.squares = column.squares * factor * factor;
    products *= factor;
}

double CorrelationSums::in_units(Column& column, double value) noexcept {
    const double size = std::fabs(value);
    if (size == 0) return 0;
    if (!(size < 2 * column.unit)) {
        if (std::isfinite(size))
            raise_unit(column, std::ldexp(1.0, std::ilogb(size)));
        else if (column.unit == 0)
            column.unit = 1;
    }
    return value / column.unit;
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
        if (mine.unit < theirs.unit) raise_unit(mine, theirs.unit);
        if (theirs.unit < mine.unit) part.raise_unit(theirs, mine.unit);
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
