# personalize: recommendations and segments inside PostgreSQL.
#
#   make, make install, make installcheck   as every PGXS extension; PG_CONFIG=... chooses the server
#   make demo | make test | make bench      set up everything they need and run on a throw-away server
#
# OPTFLAGS   instruction set to build for; `make OPTFLAGS=` for a binary that runs on any machine
# WERROR     `make WERROR=` builds on although the compiler warns

EXTENSION = personalize
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" personalize.control)
MODULE_big = personalize
CORE_SOURCES := $(wildcard src/core/*/*.cpp)
PG_SOURCES := $(wildcard src/pg/*/*.cpp)
OBJS := $(CORE_SOURCES:.cpp=.o) $(PG_SOURCES:.cpp=.o)
SQL_PARTS := $(sort $(wildcard src/sql/*.sql))
DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DATA = $(wildcard src/sql/upgrade/*.sql)
EXTRA_CLEAN = $(EXTENSION)--*.sql build $(OBJS:.o=.d)

REGRESS := $(basename $(notdir $(sort $(wildcard sql/*.sql))))
REGRESS_OPTS = --load-extension=personalize
ISOLATION := $(basename $(notdir $(sort $(wildcard test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test/isolation --outputdir=test/isolation --load-extension=personalize

OPTFLAGS = -march=native
WERROR = -Werror
EIGEN = $(shell pkg-config --cflags eigen3 2>/dev/null || echo -I/usr/include/eigen3)
SHLIB_LINK = -lstdc++ -lm -pthread

# LLVM bitcode of C++ would need clang and gains nothing; a plain assignment is ignored by PGXS.
override with_llvm = no
PG_CONFIG = pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
include $(PGXS)

CXX_COMMON = -std=c++20 -O3 -g $(OPTFLAGS) -fPIC -fvisibility=hidden -fno-math-errno -pthread \
  -Wall -Wextra $(WERROR) -Isrc $(SANITIZE_FLAGS) -MMD -MP

# The core is compiled without any path to PostgreSQL's headers.
src/core/%.o: src/core/%.cpp
	$(CXX) $(CXX_COMMON) $(subst -I,-isystem ,$(EIGEN)) -c -o $@ $<

src/pg/%.o: src/pg/%.cpp
	$(CXX) $(CXX_COMMON) -isystem $(shell $(PG_CONFIG) --includedir-server) -c -o $@ $<

$(EXTENSION)--$(EXTVERSION).sql: $(SQL_PARTS) personalize.control
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION personalize" to load this file. \quit'; cat $(SQL_PARTS); } >$@

-include $(OBJS:.o=.d)

# What a person types; each sets up what it needs.  make demo RATINGS=file.csv, make test SUITE=pgtap, make test SANITIZE=1
.PHONY: demo test checks bench format
demo:
	@demo/demo
test:
	@tools/test $(SUITE)
checks:
	@tools/check
bench:
	@bench/run
format:
	find src test bench -name '*.[ch]pp' | xargs clang-format-14 -i
