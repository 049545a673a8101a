/**
 * Has arktype interpret its schemas. It would generate code for each as it is made, which took a
 * third of the CPU time of a start, for schemas most of which are used once or never. The interpreter
 * tells less, and the value, of what is wrong with a union: what tells a fault, or reads many
 * values, is a `compiledWhenHot`.
 *
 * Imported by every program before all else: arktype reads its configuration once.
 */
import { configure } from 'arktype/config'

configure({ jitless: true })
