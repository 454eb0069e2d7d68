// Package doctor finds what is wrong with a project: each finding has a place in the code, and says what to do about it.
package doctor
