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
CORE_SOURCES := $(filter-out src/core/dispatch/%, $(wildcard src/core/*/*.cpp))
PG_SOURCES := $(wildcard src/pg/*/*.cpp)

# A build for any x86-64 has the sources that compute with vectors once for each of INSTRUCTION_SETS, and
# src/core/dispatch chooses when it runs. What these files inline from headers must not be merged with the same
# functions of other files: each set is linked by itself, and only its table of entry points stays visible.
KERNELS := $(addprefix src/core/factorization/,als block_solver dense_cholesky dual_solver eigenbasis fold_in gibbs \
  gram lane_cholesky normal_equations rating_posterior row_posterior row_solver sgd) $(addprefix src/core/ranking/,item_index most_similar top_items_for_all top_k) \
  src/core/neighbours/symmetric_inverse $(addprefix src/core/segments/,distance_sums nearest_centroid point_blocks)
ARCH_baseline =
ARCH_v3 = -march=x86-64-v3
ARCH_v4 = -march=x86-64-v4
ARCH_v4_vnni = -march=x86-64-v4 -mavx512vnni
INSTRUCTION_SETS = baseline v3 v4 v4_vnni
OBJCOPY = objcopy
kernels_of = $(patsubst %,%.$(1).o,$(KERNELS) src/core/dispatch/kernels)
linked_kernels = $(INSTRUCTION_SETS:%=src/core/dispatch/kernels_%.o) src/core/dispatch/dispatch.o

OPTFLAGS = -march=native
-include flags.mk
OBJS := $(CORE_SOURCES:.cpp=.o) $(PG_SOURCES:.cpp=.o)
ifeq ($(findstring -march=,$(OPTFLAGS)),)
ifneq ($(and $(filter x86_64-%,$(shell $(CXX) -dumpmachine)),$(findstring linux,$(shell $(CXX) -dumpmachine)),$(findstring Free Software Foundation,$(shell $(CXX) --version))),)
OBJS := $(filter-out $(KERNELS:=.o),$(OBJS)) $(linked_kernels)
endif
endif

SQL_PARTS := $(sort $(wildcard src/sql/*.sql))
DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DATA = $(wildcard src/sql/upgrade/*.sql)
KERNEL_OBJS := $(foreach set,$(INSTRUCTION_SETS),$(call kernels_of,$(set)))
EXTRA_CLEAN = .compiled_by $(EXTENSION)--*.sql build $(KERNEL_OBJS) $(KERNELS:=.o) $(linked_kernels) $(wildcard src/*/*/*.d)

REGRESS := $(basename $(notdir $(sort $(wildcard sql/*.sql))))
REGRESS_OPTS = --load-extension=personalize
ISOLATION := $(basename $(notdir $(sort $(wildcard test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test/isolation --outputdir=test/isolation --load-extension=personalize

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

# What has been compiled in another way is compiled anew: parts of it would run above the baseline otherwise.
COMPILED_BY = $(CXX) $(CXX_COMMON)
.compiled_by:
	@echo '$(COMPILED_BY)' >$@
ifneq ($(strip $(COMPILED_BY)),$(strip $(shell cat .compiled_by 2>/dev/null)))
.PHONY: .compiled_by
endif
$(filter-out src/core/dispatch/kernels_%,$(OBJS)) $(KERNEL_OBJS): .compiled_by

# The core is compiled without any path to PostgreSQL's headers.
src/core/%.o: src/core/%.cpp
	$(CXX) $(CXX_COMMON) $(subst -I,-isystem ,$(EIGEN)) -c -o $@ $<

define KERNEL_RULES
src/core/%.$(1).o: src/core/%.cpp
	$$(CXX) $$(CXX_COMMON) $$(ARCH_$(1)) -fno-gnu-unique -DPERSONALIZE_KERNELS=personalize_kernels_$(1) \
	  $$(subst -I,-isystem ,$$(EIGEN)) -c -o $$@ $$<
src/core/dispatch/kernels_$(1).o: $(call kernels_of,$(1))
	$$(LD) -r --force-group-allocation -o $$@ $$^
	$$(OBJCOPY) --keep-global-symbol=personalize_kernels_$(1) $$@
endef
$(foreach set,$(INSTRUCTION_SETS),$(eval $(call KERNEL_RULES,$(set))))

src/pg/%.o: src/pg/%.cpp
	$(CXX) $(CXX_COMMON) -isystem $(shell $(PG_CONFIG) --includedir-server) -c -o $@ $<

$(EXTENSION)--$(EXTVERSION).sql: $(SQL_PARTS) personalize.control
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION personalize" to load this file. \quit'; cat $(SQL_PARTS); } >$@

-include $(OBJS:.o=.d) $(KERNEL_OBJS:.o=.d)

# The object files of the library, a line each.
.PHONY: objects
objects:
	@printf '%s\n' $(OBJS)

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
