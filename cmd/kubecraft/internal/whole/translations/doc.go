// Package translations keeps kubectl's translations, which take 26 ms to unpack, to processes that are kubectl.
package translations
