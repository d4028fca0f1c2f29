# The few commands people type. Each calls tools/; CI calls the same (see tools/ci).
PREFIX ?= /usr/local
.DEFAULT_GOAL := help
.PHONY: help build demo test bench install clean

help:
	@echo "make build     sets up once and builds the program: build/bin/kinesink"
	@echo "make demo      writes 336,776 real rows into a local server and reads them back"
	@echo "make test      builds and runs every test"
	@echo "make bench     prints the figures of docs/benchmarks.md"
	@echo "make install   installs library, headers and program into PREFIX (default $(PREFIX))"
	@echo "make clean     removes the build folders"
	@echo "More, one job at a time: tools/ci help"

build:
	tools/ci build

demo:
	tools/setup --demo
	tools/ci build
	tools/demo

test:
	tools/ci test

bench:
	tools/ci bench

install: build
	cmake --install build --prefix "$(PREFIX)"

clean:
	rm -rf build build-*
