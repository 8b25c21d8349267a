// Package house keeps the house in shape: its tests read the map in
// ARCHITECTURE.md and hold the code to it, for every system at once and
// without compiling. There is nothing here to import.
package house
