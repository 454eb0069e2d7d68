// Package inventory tells what a project is made of, and where in its code each is wired. It only parses: nothing is built.
package inventory
