/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const unfreed = $root.unfreed = (() => {

    /**
     * Namespace unfreed.
     * @exports unfreed
     * @namespace
     */
    const unfreed = {};

    unfreed.Chunk = (function() {

        /**
         * Properties of a Chunk.
         * @typedef {Object} unfreed.Chunk.$Properties
         * @property {unfreed.Definitions.$Properties|null} [definitions] Chunk definitions
         * @property {unfreed.EventColumns.$Properties|null} [events] Chunk events
         * @property {Array.<unfreed.Item.$Properties>|null} [items] Chunk items
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Chunk.
         * @memberof unfreed
         * @interface IChunk
         * @augments unfreed.Chunk.$Properties
         * @deprecated Use unfreed.Chunk.$Properties instead.
         */

        /**
         * Shape of a Chunk.
         * @typedef {{
         *   definitions?: unfreed.Definitions.$Shape|null;
         *   events?: unfreed.EventColumns.$Shape|null;
         *   items?: Array.<unfreed.Item.$Shape>|null;
         *   $unknowns?: Array.<Uint8Array>;
         * }} unfreed.Chunk.$Shape
         */

        /**
         * Constructs a new Chunk.
         * @memberof unfreed
         * @classdesc Represents a Chunk.
         * @constructor
         * @param {unfreed.Chunk.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Chunk = function (properties) {
            this.items = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Chunk definitions.
         * @member {unfreed.Definitions.$Properties|null|undefined} definitions
         * @memberof unfreed.Chunk
         * @instance
         */
        Chunk.prototype.definitions = null;

        /**
         * Chunk events.
         * @member {unfreed.EventColumns.$Properties|null|undefined} events
         * @memberof unfreed.Chunk
         * @instance
         */
        Chunk.prototype.events = null;

        /**
         * Chunk items.
         * @member {Array.<unfreed.Item.$Properties>} items
         * @memberof unfreed.Chunk
         * @instance
         */
        Chunk.prototype.items = $util.emptyArray;

        /**
         * Encodes the specified Chunk message. Does not implicitly {@link unfreed.Chunk.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Chunk
         * @static
         * @param {unfreed.Chunk.$Properties} message Chunk message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Chunk.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.definitions != null && $Object.hasOwnProperty.call(message, "definitions"))
                $root.unfreed.Definitions.encode(message.definitions, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.events != null && $Object.hasOwnProperty.call(message, "events"))
                $root.unfreed.EventColumns.encode(message.events, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.items != null && message.items.length)
                for (let i = 0; i < message.items.length; ++i)
                    $root.unfreed.Item.encode(message.items[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Chunk message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Chunk
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Chunk & unfreed.Chunk.$Shape} Chunk
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Chunk.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Chunk();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.definitions = $root.unfreed.Definitions.decode(reader, reader.size(), $undefined, _depth + 1, message.definitions);
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.events = $root.unfreed.EventColumns.decode(reader, reader.size(), $undefined, _depth + 1, message.events);
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if (!(message.items && message.items.length))
                            message.items = [];
                        message.items.push($root.unfreed.Item.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Chunk;
    })();

    unfreed.Definitions = (function() {

        /**
         * Properties of a Definitions.
         * @typedef {Object} unfreed.Definitions.$Properties
         * @property {number|null} [firstFrame] Definitions firstFrame
         * @property {number|null} [frameCount] Definitions frameCount
         * @property {Uint8Array|null} [frames] Definitions frames
         * @property {number|null} [firstStack] Definitions firstStack
         * @property {number|null} [stackCount] Definitions stackCount
         * @property {Uint8Array|null} [stacks] Definitions stacks
         * @property {number|null} [firstComm] Definitions firstComm
         * @property {Array.<Uint8Array>|null} [comms] Definitions comms
         * @property {number|null} [firstCache] Definitions firstCache
         * @property {Array.<Uint8Array>|null} [caches] Definitions caches
         * @property {number|null} [firstCgroup] Definitions firstCgroup
         * @property {Array.<Uint8Array>|null} [cgroups] Definitions cgroups
         * @property {Uint8Array|null} [commCgroups] Definitions commCgroups
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Definitions.
         * @memberof unfreed
         * @interface IDefinitions
         * @augments unfreed.Definitions.$Properties
         * @deprecated Use unfreed.Definitions.$Properties instead.
         */

        /**
         * Shape of a Definitions.
         * @typedef {unfreed.Definitions.$Properties} unfreed.Definitions.$Shape
         */

        /**
         * Constructs a new Definitions.
         * @memberof unfreed
         * @classdesc Represents a Definitions.
         * @constructor
         * @param {unfreed.Definitions.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Definitions = function (properties) {
            this.comms = [];
            this.caches = [];
            this.cgroups = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Definitions firstFrame.
         * @member {number} firstFrame
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.firstFrame = 0;

        /**
         * Definitions frameCount.
         * @member {number} frameCount
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.frameCount = 0;

        /**
         * Definitions frames.
         * @member {Uint8Array} frames
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.frames = $util.newBuffer([]);

        /**
         * Definitions firstStack.
         * @member {number} firstStack
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.firstStack = 0;

        /**
         * Definitions stackCount.
         * @member {number} stackCount
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.stackCount = 0;

        /**
         * Definitions stacks.
         * @member {Uint8Array} stacks
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.stacks = $util.newBuffer([]);

        /**
         * Definitions firstComm.
         * @member {number} firstComm
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.firstComm = 0;

        /**
         * Definitions comms.
         * @member {Array.<Uint8Array>} comms
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.comms = $util.emptyArray;

        /**
         * Definitions firstCache.
         * @member {number} firstCache
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.firstCache = 0;

        /**
         * Definitions caches.
         * @member {Array.<Uint8Array>} caches
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.caches = $util.emptyArray;

        /**
         * Definitions firstCgroup.
         * @member {number} firstCgroup
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.firstCgroup = 0;

        /**
         * Definitions cgroups.
         * @member {Array.<Uint8Array>} cgroups
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.cgroups = $util.emptyArray;

        /**
         * Definitions commCgroups.
         * @member {Uint8Array} commCgroups
         * @memberof unfreed.Definitions
         * @instance
         */
        Definitions.prototype.commCgroups = $util.newBuffer([]);

        /**
         * Encodes the specified Definitions message. Does not implicitly {@link unfreed.Definitions.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Definitions
         * @static
         * @param {unfreed.Definitions.$Properties} message Definitions message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Definitions.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.firstFrame != null && $Object.hasOwnProperty.call(message, "firstFrame") && message.firstFrame !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.firstFrame);
            if (message.frameCount != null && $Object.hasOwnProperty.call(message, "frameCount") && message.frameCount !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.frameCount);
            if (message.frames != null && $Object.hasOwnProperty.call(message, "frames") && message.frames.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.frames);
            if (message.firstStack != null && $Object.hasOwnProperty.call(message, "firstStack") && message.firstStack !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.firstStack);
            if (message.stackCount != null && $Object.hasOwnProperty.call(message, "stackCount") && message.stackCount !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.stackCount);
            if (message.stacks != null && $Object.hasOwnProperty.call(message, "stacks") && message.stacks.length)
                writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.stacks);
            if (message.firstComm != null && $Object.hasOwnProperty.call(message, "firstComm") && message.firstComm !== 0)
                writer.uint32(/* id 7, wireType 0 =*/56).uint32(message.firstComm);
            if (message.comms != null && message.comms.length)
                for (let i = 0; i < message.comms.length; ++i)
                    writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.comms[i]);
            if (message.firstCache != null && $Object.hasOwnProperty.call(message, "firstCache") && message.firstCache !== 0)
                writer.uint32(/* id 9, wireType 0 =*/72).uint32(message.firstCache);
            if (message.caches != null && message.caches.length)
                for (let i = 0; i < message.caches.length; ++i)
                    writer.uint32(/* id 10, wireType 2 =*/82).bytes(message.caches[i]);
            if (message.firstCgroup != null && $Object.hasOwnProperty.call(message, "firstCgroup") && message.firstCgroup !== 0)
                writer.uint32(/* id 11, wireType 0 =*/88).uint32(message.firstCgroup);
            if (message.cgroups != null && message.cgroups.length)
                for (let i = 0; i < message.cgroups.length; ++i)
                    writer.uint32(/* id 12, wireType 2 =*/98).bytes(message.cgroups[i]);
            if (message.commCgroups != null && $Object.hasOwnProperty.call(message, "commCgroups") && message.commCgroups.length)
                writer.uint32(/* id 13, wireType 2 =*/106).bytes(message.commCgroups);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Definitions message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Definitions
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Definitions & unfreed.Definitions.$Shape} Definitions
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Definitions.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Definitions();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.firstFrame = value;
                        else
                            delete message.firstFrame;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.frameCount = value;
                        else
                            delete message.frameCount;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.frames = value;
                        else
                            delete message.frames;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.firstStack = value;
                        else
                            delete message.firstStack;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.stackCount = value;
                        else
                            delete message.stackCount;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.stacks = value;
                        else
                            delete message.stacks;
                        continue;
                    }
                case 7: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.firstComm = value;
                        else
                            delete message.firstComm;
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        if (!(message.comms && message.comms.length))
                            message.comms = [];
                        message.comms.push(reader.bytes());
                        continue;
                    }
                case 9: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.firstCache = value;
                        else
                            delete message.firstCache;
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if (!(message.caches && message.caches.length))
                            message.caches = [];
                        message.caches.push(reader.bytes());
                        continue;
                    }
                case 11: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.firstCgroup = value;
                        else
                            delete message.firstCgroup;
                        continue;
                    }
                case 12: {
                        if (wireType !== 2)
                            break;
                        if (!(message.cgroups && message.cgroups.length))
                            message.cgroups = [];
                        message.cgroups.push(reader.bytes());
                        continue;
                    }
                case 13: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.commCgroups = value;
                        else
                            delete message.commCgroups;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Definitions;
    })();

    unfreed.EventColumns = (function() {

        /**
         * Properties of an EventColumns.
         * @typedef {Object} unfreed.EventColumns.$Properties
         * @property {number|null} [count] EventColumns count
         * @property {number|null} [shapeCount] EventColumns shapeCount
         * @property {Uint8Array|null} [shapes] EventColumns shapes
         * @property {number|null} [taskCount] EventColumns taskCount
         * @property {Uint8Array|null} [tasks] EventColumns tasks
         * @property {Uint8Array|null} [times] EventColumns times
         * @property {Uint8Array|null} [shapeOfEvent] EventColumns shapeOfEvent
         * @property {Uint8Array|null} [taskOfEvent] EventColumns taskOfEvent
         * @property {Uint8Array|null} [references] EventColumns references
         * @property {Uint8Array|null} [addresses] EventColumns addresses
         * @property {Uint8Array|null} [taskCpus] EventColumns taskCpus
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an EventColumns.
         * @memberof unfreed
         * @interface IEventColumns
         * @augments unfreed.EventColumns.$Properties
         * @deprecated Use unfreed.EventColumns.$Properties instead.
         */

        /**
         * Shape of an EventColumns.
         * @typedef {unfreed.EventColumns.$Properties} unfreed.EventColumns.$Shape
         */

        /**
         * Constructs a new EventColumns.
         * @memberof unfreed
         * @classdesc Represents an EventColumns.
         * @constructor
         * @param {unfreed.EventColumns.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const EventColumns = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * EventColumns count.
         * @member {number} count
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.count = 0;

        /**
         * EventColumns shapeCount.
         * @member {number} shapeCount
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.shapeCount = 0;

        /**
         * EventColumns shapes.
         * @member {Uint8Array} shapes
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.shapes = $util.newBuffer([]);

        /**
         * EventColumns taskCount.
         * @member {number} taskCount
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.taskCount = 0;

        /**
         * EventColumns tasks.
         * @member {Uint8Array} tasks
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.tasks = $util.newBuffer([]);

        /**
         * EventColumns times.
         * @member {Uint8Array} times
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.times = $util.newBuffer([]);

        /**
         * EventColumns shapeOfEvent.
         * @member {Uint8Array} shapeOfEvent
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.shapeOfEvent = $util.newBuffer([]);

        /**
         * EventColumns taskOfEvent.
         * @member {Uint8Array} taskOfEvent
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.taskOfEvent = $util.newBuffer([]);

        /**
         * EventColumns references.
         * @member {Uint8Array} references
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.references = $util.newBuffer([]);

        /**
         * EventColumns addresses.
         * @member {Uint8Array} addresses
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.addresses = $util.newBuffer([]);

        /**
         * EventColumns taskCpus.
         * @member {Uint8Array} taskCpus
         * @memberof unfreed.EventColumns
         * @instance
         */
        EventColumns.prototype.taskCpus = $util.newBuffer([]);

        /**
         * Encodes the specified EventColumns message. Does not implicitly {@link unfreed.EventColumns.verify|verify} messages.
         * @function encode
         * @memberof unfreed.EventColumns
         * @static
         * @param {unfreed.EventColumns.$Properties} message EventColumns message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        EventColumns.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.count);
            if (message.shapeCount != null && $Object.hasOwnProperty.call(message, "shapeCount") && message.shapeCount !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.shapeCount);
            if (message.shapes != null && $Object.hasOwnProperty.call(message, "shapes") && message.shapes.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.shapes);
            if (message.taskCount != null && $Object.hasOwnProperty.call(message, "taskCount") && message.taskCount !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.taskCount);
            if (message.tasks != null && $Object.hasOwnProperty.call(message, "tasks") && message.tasks.length)
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.tasks);
            if (message.times != null && $Object.hasOwnProperty.call(message, "times") && message.times.length)
                writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.times);
            if (message.shapeOfEvent != null && $Object.hasOwnProperty.call(message, "shapeOfEvent") && message.shapeOfEvent.length)
                writer.uint32(/* id 7, wireType 2 =*/58).bytes(message.shapeOfEvent);
            if (message.taskOfEvent != null && $Object.hasOwnProperty.call(message, "taskOfEvent") && message.taskOfEvent.length)
                writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.taskOfEvent);
            if (message.references != null && $Object.hasOwnProperty.call(message, "references") && message.references.length)
                writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.references);
            if (message.addresses != null && $Object.hasOwnProperty.call(message, "addresses") && message.addresses.length)
                writer.uint32(/* id 10, wireType 2 =*/82).bytes(message.addresses);
            if (message.taskCpus != null && $Object.hasOwnProperty.call(message, "taskCpus") && message.taskCpus.length)
                writer.uint32(/* id 11, wireType 2 =*/90).bytes(message.taskCpus);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an EventColumns message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.EventColumns
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.EventColumns & unfreed.EventColumns.$Shape} EventColumns
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        EventColumns.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.EventColumns();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.count = value;
                        else
                            delete message.count;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.shapeCount = value;
                        else
                            delete message.shapeCount;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.shapes = value;
                        else
                            delete message.shapes;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.taskCount = value;
                        else
                            delete message.taskCount;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.tasks = value;
                        else
                            delete message.tasks;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.times = value;
                        else
                            delete message.times;
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.shapeOfEvent = value;
                        else
                            delete message.shapeOfEvent;
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.taskOfEvent = value;
                        else
                            delete message.taskOfEvent;
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.references = value;
                        else
                            delete message.references;
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.addresses = value;
                        else
                            delete message.addresses;
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.taskCpus = value;
                        else
                            delete message.taskCpus;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return EventColumns;
    })();

    unfreed.Item = (function() {

        /**
         * Properties of an Item.
         * @typedef {Object} unfreed.Item.$Properties
         * @property {number|null} [at] Item at
         * @property {unfreed.Host.$Properties|null} [host] Item host
         * @property {unfreed.Symbol.$Properties|null} [symbol] Item symbol
         * @property {unfreed.Losses.$Properties|null} [losses] Item losses
         * @property {unfreed.Counters.$Properties|null} [counters] Item counters
         * @property {unfreed.Clock.$Properties|null} [clock] Item clock
         * @property {unfreed.End.$Properties|null} [end] Item end
         * @property {unfreed.Part.$Properties|null} [part] Item part
         * @property {unfreed.Moves.$Properties|null} [moves] Item moves
         * @property {unfreed.Held.$Properties|null} [held] Item held
         * @property {unfreed.Look.$Properties|null} [look] Item look
         * @property {unfreed.CgroupRemoved.$Properties|null} [cgroupRemoved] Item cgroupRemoved
         * @property {unfreed.Mark.$Properties|null} [mark] Item mark
         * @property {unfreed.Lives.$Properties|null} [lives] Item lives
         * @property {unfreed.Freed.$Properties|null} [freed] Item freed
         * @property {unfreed.Names.$Properties|null} [names] Item names
         * @property {unfreed.Process.$Properties|null} [process] Item process
         * @property {unfreed.Image.$Properties|null} [image] Item image
         * @property {unfreed.Resident.$Properties|null} [resident] Item resident
         * @property {"host"|"symbol"|"losses"|"counters"|"clock"|"end"|"part"|"moves"|"held"|"look"|"cgroupRemoved"|"mark"|"lives"|"freed"|"names"|"process"|"image"|"resident"} [body] Item body
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Item.
         * @memberof unfreed
         * @interface IItem
         * @augments unfreed.Item.$Properties
         * @deprecated Use unfreed.Item.$Properties instead.
         */

        /**
         * Narrowed shape of an Item.
         * @typedef {{
         *   at?: number|null;
         *   host?: unfreed.Host.$Shape|null;
         *   symbol?: unfreed.Symbol.$Shape|null;
         *   losses?: unfreed.Losses.$Shape|null;
         *   counters?: unfreed.Counters.$Shape|null;
         *   clock?: unfreed.Clock.$Shape|null;
         *   end?: unfreed.End.$Shape|null;
         *   part?: unfreed.Part.$Shape|null;
         *   moves?: unfreed.Moves.$Shape|null;
         *   held?: unfreed.Held.$Shape|null;
         *   look?: unfreed.Look.$Shape|null;
         *   cgroupRemoved?: unfreed.CgroupRemoved.$Shape|null;
         *   mark?: unfreed.Mark.$Shape|null;
         *   lives?: unfreed.Lives.$Shape|null;
         *   freed?: unfreed.Freed.$Shape|null;
         *   names?: unfreed.Names.$Shape|null;
         *   process?: unfreed.Process.$Shape|null;
         *   image?: unfreed.Image.$Shape|null;
         *   resident?: unfreed.Resident.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ body?: undefined; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "host"; host: unfreed.Host.$Shape; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "symbol"; host?: null; symbol: unfreed.Symbol.$Shape; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "losses"; host?: null; symbol?: null; losses: unfreed.Losses.$Shape; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "counters"; host?: null; symbol?: null; losses?: null; counters: unfreed.Counters.$Shape; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "clock"; host?: null; symbol?: null; losses?: null; counters?: null; clock: unfreed.Clock.$Shape; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "end"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end: unfreed.End.$Shape; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "part"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part: unfreed.Part.$Shape; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "moves"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves: unfreed.Moves.$Shape; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "held"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held: unfreed.Held.$Shape; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "look"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look: unfreed.Look.$Shape; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "cgroupRemoved"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved: unfreed.CgroupRemoved.$Shape; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "mark"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark: unfreed.Mark.$Shape; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "lives"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives: unfreed.Lives.$Shape; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "freed"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed: unfreed.Freed.$Shape; names?: null; process?: null; image?: null; resident?: null }|{ body?: "names"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names: unfreed.Names.$Shape; process?: null; image?: null; resident?: null }|{ body?: "process"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process: unfreed.Process.$Shape; image?: null; resident?: null }|{ body?: "image"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image: unfreed.Image.$Shape; resident?: null }|{ body?: "resident"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident: unfreed.Resident.$Shape })
         * )} unfreed.Item.$Shape
         */

        /**
         * Constructs a new Item.
         * @memberof unfreed
         * @classdesc Represents an Item.
         * @constructor
         * @param {unfreed.Item.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Item = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Item at.
         * @member {number} at
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.at = 0;

        /**
         * Item host.
         * @member {unfreed.Host.$Properties|null|undefined} host
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.host = null;

        /**
         * Item symbol.
         * @member {unfreed.Symbol.$Properties|null|undefined} symbol
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.symbol = null;

        /**
         * Item losses.
         * @member {unfreed.Losses.$Properties|null|undefined} losses
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.losses = null;

        /**
         * Item counters.
         * @member {unfreed.Counters.$Properties|null|undefined} counters
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.counters = null;

        /**
         * Item clock.
         * @member {unfreed.Clock.$Properties|null|undefined} clock
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.clock = null;

        /**
         * Item end.
         * @member {unfreed.End.$Properties|null|undefined} end
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.end = null;

        /**
         * Item part.
         * @member {unfreed.Part.$Properties|null|undefined} part
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.part = null;

        /**
         * Item moves.
         * @member {unfreed.Moves.$Properties|null|undefined} moves
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.moves = null;

        /**
         * Item held.
         * @member {unfreed.Held.$Properties|null|undefined} held
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.held = null;

        /**
         * Item look.
         * @member {unfreed.Look.$Properties|null|undefined} look
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.look = null;

        /**
         * Item cgroupRemoved.
         * @member {unfreed.CgroupRemoved.$Properties|null|undefined} cgroupRemoved
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.cgroupRemoved = null;

        /**
         * Item mark.
         * @member {unfreed.Mark.$Properties|null|undefined} mark
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.mark = null;

        /**
         * Item lives.
         * @member {unfreed.Lives.$Properties|null|undefined} lives
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.lives = null;

        /**
         * Item freed.
         * @member {unfreed.Freed.$Properties|null|undefined} freed
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.freed = null;

        /**
         * Item names.
         * @member {unfreed.Names.$Properties|null|undefined} names
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.names = null;

        /**
         * Item process.
         * @member {unfreed.Process.$Properties|null|undefined} process
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.process = null;

        /**
         * Item image.
         * @member {unfreed.Image.$Properties|null|undefined} image
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.image = null;

        /**
         * Item resident.
         * @member {unfreed.Resident.$Properties|null|undefined} resident
         * @memberof unfreed.Item
         * @instance
         */
        Item.prototype.resident = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * Item body.
         * @member {"host"|"symbol"|"losses"|"counters"|"clock"|"end"|"part"|"moves"|"held"|"look"|"cgroupRemoved"|"mark"|"lives"|"freed"|"names"|"process"|"image"|"resident"|undefined} body
         * @memberof unfreed.Item
         * @instance
         */
        $Object.defineProperty(Item.prototype, "body", {
            get: $util.oneOfGetter($oneOfFields = ["host", "symbol", "losses", "counters", "clock", "end", "part", "moves", "held", "look", "cgroupRemoved", "mark", "lives", "freed", "names", "process", "image", "resident"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified Item message. Does not implicitly {@link unfreed.Item.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Item
         * @static
         * @param {unfreed.Item.$Properties} message Item message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Item.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.at != null && $Object.hasOwnProperty.call(message, "at") && message.at !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.at);
            if (message.host != null && $Object.hasOwnProperty.call(message, "host"))
                $root.unfreed.Host.encode(message.host, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.symbol != null && $Object.hasOwnProperty.call(message, "symbol"))
                $root.unfreed.Symbol.encode(message.symbol, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.losses != null && $Object.hasOwnProperty.call(message, "losses"))
                $root.unfreed.Losses.encode(message.losses, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.counters != null && $Object.hasOwnProperty.call(message, "counters"))
                $root.unfreed.Counters.encode(message.counters, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.clock != null && $Object.hasOwnProperty.call(message, "clock"))
                $root.unfreed.Clock.encode(message.clock, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.end != null && $Object.hasOwnProperty.call(message, "end"))
                $root.unfreed.End.encode(message.end, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.part != null && $Object.hasOwnProperty.call(message, "part"))
                $root.unfreed.Part.encode(message.part, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
            if (message.moves != null && $Object.hasOwnProperty.call(message, "moves"))
                $root.unfreed.Moves.encode(message.moves, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
            if (message.held != null && $Object.hasOwnProperty.call(message, "held"))
                $root.unfreed.Held.encode(message.held, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
            if (message.look != null && $Object.hasOwnProperty.call(message, "look"))
                $root.unfreed.Look.encode(message.look, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
            if (message.freed != null && $Object.hasOwnProperty.call(message, "freed"))
                $root.unfreed.Freed.encode(message.freed, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
            if (message.cgroupRemoved != null && $Object.hasOwnProperty.call(message, "cgroupRemoved"))
                $root.unfreed.CgroupRemoved.encode(message.cgroupRemoved, writer.uint32(/* id 15, wireType 2 =*/122).fork(), _depth + 1).ldelim();
            if (message.mark != null && $Object.hasOwnProperty.call(message, "mark"))
                $root.unfreed.Mark.encode(message.mark, writer.uint32(/* id 16, wireType 2 =*/130).fork(), _depth + 1).ldelim();
            if (message.lives != null && $Object.hasOwnProperty.call(message, "lives"))
                $root.unfreed.Lives.encode(message.lives, writer.uint32(/* id 17, wireType 2 =*/138).fork(), _depth + 1).ldelim();
            if (message.names != null && $Object.hasOwnProperty.call(message, "names"))
                $root.unfreed.Names.encode(message.names, writer.uint32(/* id 20, wireType 2 =*/162).fork(), _depth + 1).ldelim();
            if (message.process != null && $Object.hasOwnProperty.call(message, "process"))
                $root.unfreed.Process.encode(message.process, writer.uint32(/* id 21, wireType 2 =*/170).fork(), _depth + 1).ldelim();
            if (message.image != null && $Object.hasOwnProperty.call(message, "image"))
                $root.unfreed.Image.encode(message.image, writer.uint32(/* id 22, wireType 2 =*/178).fork(), _depth + 1).ldelim();
            if (message.resident != null && $Object.hasOwnProperty.call(message, "resident"))
                $root.unfreed.Resident.encode(message.resident, writer.uint32(/* id 23, wireType 2 =*/186).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Item message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Item
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Item & unfreed.Item.$Shape} Item
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Item.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Item();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.at = value;
                        else
                            delete message.at;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.host = $root.unfreed.Host.decode(reader, reader.size(), $undefined, _depth + 1, message.host);
                        message.body = "host";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.symbol = $root.unfreed.Symbol.decode(reader, reader.size(), $undefined, _depth + 1, message.symbol);
                        message.body = "symbol";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.losses = $root.unfreed.Losses.decode(reader, reader.size(), $undefined, _depth + 1, message.losses);
                        message.body = "losses";
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.counters = $root.unfreed.Counters.decode(reader, reader.size(), $undefined, _depth + 1, message.counters);
                        message.body = "counters";
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.clock = $root.unfreed.Clock.decode(reader, reader.size(), $undefined, _depth + 1, message.clock);
                        message.body = "clock";
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.end = $root.unfreed.End.decode(reader, reader.size(), $undefined, _depth + 1, message.end);
                        message.body = "end";
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        message.part = $root.unfreed.Part.decode(reader, reader.size(), $undefined, _depth + 1, message.part);
                        message.body = "part";
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        message.moves = $root.unfreed.Moves.decode(reader, reader.size(), $undefined, _depth + 1, message.moves);
                        message.body = "moves";
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        message.held = $root.unfreed.Held.decode(reader, reader.size(), $undefined, _depth + 1, message.held);
                        message.body = "held";
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        message.look = $root.unfreed.Look.decode(reader, reader.size(), $undefined, _depth + 1, message.look);
                        message.body = "look";
                        continue;
                    }
                case 15: {
                        if (wireType !== 2)
                            break;
                        message.cgroupRemoved = $root.unfreed.CgroupRemoved.decode(reader, reader.size(), $undefined, _depth + 1, message.cgroupRemoved);
                        message.body = "cgroupRemoved";
                        continue;
                    }
                case 16: {
                        if (wireType !== 2)
                            break;
                        message.mark = $root.unfreed.Mark.decode(reader, reader.size(), $undefined, _depth + 1, message.mark);
                        message.body = "mark";
                        continue;
                    }
                case 17: {
                        if (wireType !== 2)
                            break;
                        message.lives = $root.unfreed.Lives.decode(reader, reader.size(), $undefined, _depth + 1, message.lives);
                        message.body = "lives";
                        continue;
                    }
                case 12: {
                        if (wireType !== 2)
                            break;
                        message.freed = $root.unfreed.Freed.decode(reader, reader.size(), $undefined, _depth + 1, message.freed);
                        message.body = "freed";
                        continue;
                    }
                case 20: {
                        if (wireType !== 2)
                            break;
                        message.names = $root.unfreed.Names.decode(reader, reader.size(), $undefined, _depth + 1, message.names);
                        message.body = "names";
                        continue;
                    }
                case 21: {
                        if (wireType !== 2)
                            break;
                        message.process = $root.unfreed.Process.decode(reader, reader.size(), $undefined, _depth + 1, message.process);
                        message.body = "process";
                        continue;
                    }
                case 22: {
                        if (wireType !== 2)
                            break;
                        message.image = $root.unfreed.Image.decode(reader, reader.size(), $undefined, _depth + 1, message.image);
                        message.body = "image";
                        continue;
                    }
                case 23: {
                        if (wireType !== 2)
                            break;
                        message.resident = $root.unfreed.Resident.decode(reader, reader.size(), $undefined, _depth + 1, message.resident);
                        message.body = "resident";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Item;
    })();

    unfreed.Host = (function() {

        /**
         * Properties of a Host.
         * @typedef {Object} unfreed.Host.$Properties
         * @property {Uint8Array|null} [collector] Host collector
         * @property {Uint8Array|null} [hostname] Host hostname
         * @property {Uint8Array|null} [kernel] Host kernel
         * @property {Uint8Array|null} [arch] Host arch
         * @property {number|null} [pageSize] Host pageSize
         * @property {number|null} [cpus] Host cpus
         * @property {number|null} [memTotalBytes] Host memTotalBytes
         * @property {number|null} [startUnixMs] Host startUnixMs
         * @property {Uint8Array|null} [allocators] Host allocators
         * @property {number|null} [minSizeBytes] Host minSizeBytes
         * @property {number|null} [sampleOneIn] Host sampleOneIn
         * @property {number|null} [self] Host self
         * @property {Array.<Uint8Array>|null} [hooks] Host hooks
         * @property {Array.<Uint8Array>|null} [notes] Host notes
         * @property {number|null} [sampleSeed] Host sampleSeed
         * @property {number|null} [minAgeNs] Host minAgeNs
         * @property {number|null} [maxOverhead] Host maxOverhead
         * @property {number|null} [overhead] Host overhead
         * @property {boolean|null} [timesAreCounts] Host timesAreCounts
         * @property {number|null} [percpuFirstChunkBytes] Host percpuFirstChunkBytes
         * @property {boolean|null} [balloonInTotal] Host balloonInTotal
         * @property {Array.<unfreed.CoverageGap.$Properties>|null} [coverage] Host coverage
         * @property {Array.<unfreed.MergedCache.$Properties>|null} [mergedCaches] Host mergedCaches
         * @property {Uint8Array|null} [heldBy] Host heldBy
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Host.
         * @memberof unfreed
         * @interface IHost
         * @augments unfreed.Host.$Properties
         * @deprecated Use unfreed.Host.$Properties instead.
         */

        /**
         * Shape of a Host.
         * @typedef {unfreed.Host.$Properties} unfreed.Host.$Shape
         */

        /**
         * Constructs a new Host.
         * @memberof unfreed
         * @classdesc Represents a Host.
         * @constructor
         * @param {unfreed.Host.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Host = function (properties) {
            this.hooks = [];
            this.notes = [];
            this.coverage = [];
            this.mergedCaches = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Host collector.
         * @member {Uint8Array} collector
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.collector = $util.newBuffer([]);

        /**
         * Host hostname.
         * @member {Uint8Array} hostname
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.hostname = $util.newBuffer([]);

        /**
         * Host kernel.
         * @member {Uint8Array} kernel
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.kernel = $util.newBuffer([]);

        /**
         * Host arch.
         * @member {Uint8Array} arch
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.arch = $util.newBuffer([]);

        /**
         * Host pageSize.
         * @member {number} pageSize
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.pageSize = 0;

        /**
         * Host cpus.
         * @member {number} cpus
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.cpus = 0;

        /**
         * Host memTotalBytes.
         * @member {number} memTotalBytes
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.memTotalBytes = 0;

        /**
         * Host startUnixMs.
         * @member {number} startUnixMs
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.startUnixMs = 0;

        /**
         * Host allocators.
         * @member {Uint8Array} allocators
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.allocators = $util.newBuffer([]);

        /**
         * Host minSizeBytes.
         * @member {number} minSizeBytes
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.minSizeBytes = 0;

        /**
         * Host sampleOneIn.
         * @member {number} sampleOneIn
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.sampleOneIn = 0;

        /**
         * Host self.
         * @member {number} self
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.self = 0;

        /**
         * Host hooks.
         * @member {Array.<Uint8Array>} hooks
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.hooks = $util.emptyArray;

        /**
         * Host notes.
         * @member {Array.<Uint8Array>} notes
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.notes = $util.emptyArray;

        /**
         * Host sampleSeed.
         * @member {number} sampleSeed
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.sampleSeed = 0;

        /**
         * Host minAgeNs.
         * @member {number} minAgeNs
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.minAgeNs = 0;

        /**
         * Host maxOverhead.
         * @member {number} maxOverhead
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.maxOverhead = 0;

        /**
         * Host overhead.
         * @member {number} overhead
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.overhead = 0;

        /**
         * Host timesAreCounts.
         * @member {boolean} timesAreCounts
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.timesAreCounts = false;

        /**
         * Host percpuFirstChunkBytes.
         * @member {number} percpuFirstChunkBytes
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.percpuFirstChunkBytes = 0;

        /**
         * Host balloonInTotal.
         * @member {boolean} balloonInTotal
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.balloonInTotal = false;

        /**
         * Host coverage.
         * @member {Array.<unfreed.CoverageGap.$Properties>} coverage
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.coverage = $util.emptyArray;

        /**
         * Host mergedCaches.
         * @member {Array.<unfreed.MergedCache.$Properties>} mergedCaches
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.mergedCaches = $util.emptyArray;

        /**
         * Host heldBy.
         * @member {Uint8Array} heldBy
         * @memberof unfreed.Host
         * @instance
         */
        Host.prototype.heldBy = $util.newBuffer([]);

        /**
         * Encodes the specified Host message. Does not implicitly {@link unfreed.Host.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Host
         * @static
         * @param {unfreed.Host.$Properties} message Host message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Host.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.collector != null && $Object.hasOwnProperty.call(message, "collector") && message.collector.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.collector);
            if (message.hostname != null && $Object.hasOwnProperty.call(message, "hostname") && message.hostname.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.hostname);
            if (message.kernel != null && $Object.hasOwnProperty.call(message, "kernel") && message.kernel.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.kernel);
            if (message.arch != null && $Object.hasOwnProperty.call(message, "arch") && message.arch.length)
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.arch);
            if (message.pageSize != null && $Object.hasOwnProperty.call(message, "pageSize") && message.pageSize !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.pageSize);
            if (message.cpus != null && $Object.hasOwnProperty.call(message, "cpus") && message.cpus !== 0)
                writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.cpus);
            if (message.memTotalBytes != null && $Object.hasOwnProperty.call(message, "memTotalBytes") && !$Object.is(message.memTotalBytes, 0))
                writer.uint32(/* id 7, wireType 1 =*/57).double(message.memTotalBytes);
            if (message.startUnixMs != null && $Object.hasOwnProperty.call(message, "startUnixMs") && !$Object.is(message.startUnixMs, 0))
                writer.uint32(/* id 8, wireType 1 =*/65).double(message.startUnixMs);
            if (message.allocators != null && $Object.hasOwnProperty.call(message, "allocators") && message.allocators.length)
                writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.allocators);
            if (message.minSizeBytes != null && $Object.hasOwnProperty.call(message, "minSizeBytes") && !$Object.is(message.minSizeBytes, 0))
                writer.uint32(/* id 10, wireType 1 =*/81).double(message.minSizeBytes);
            if (message.sampleOneIn != null && $Object.hasOwnProperty.call(message, "sampleOneIn") && message.sampleOneIn !== 0)
                writer.uint32(/* id 11, wireType 0 =*/88).uint32(message.sampleOneIn);
            if (message.self != null && $Object.hasOwnProperty.call(message, "self") && message.self !== 0)
                writer.uint32(/* id 12, wireType 0 =*/96).uint32(message.self);
            if (message.hooks != null && message.hooks.length)
                for (let i = 0; i < message.hooks.length; ++i)
                    writer.uint32(/* id 13, wireType 2 =*/106).bytes(message.hooks[i]);
            if (message.notes != null && message.notes.length)
                for (let i = 0; i < message.notes.length; ++i)
                    writer.uint32(/* id 14, wireType 2 =*/114).bytes(message.notes[i]);
            if (message.sampleSeed != null && $Object.hasOwnProperty.call(message, "sampleSeed") && message.sampleSeed !== 0)
                writer.uint32(/* id 15, wireType 0 =*/120).uint32(message.sampleSeed);
            if (message.minAgeNs != null && $Object.hasOwnProperty.call(message, "minAgeNs") && !$Object.is(message.minAgeNs, 0))
                writer.uint32(/* id 16, wireType 1 =*/129).double(message.minAgeNs);
            if (message.maxOverhead != null && $Object.hasOwnProperty.call(message, "maxOverhead") && !$Object.is(message.maxOverhead, 0))
                writer.uint32(/* id 17, wireType 1 =*/137).double(message.maxOverhead);
            if (message.overhead != null && $Object.hasOwnProperty.call(message, "overhead") && !$Object.is(message.overhead, 0))
                writer.uint32(/* id 18, wireType 1 =*/145).double(message.overhead);
            if (message.percpuFirstChunkBytes != null && $Object.hasOwnProperty.call(message, "percpuFirstChunkBytes") && !$Object.is(message.percpuFirstChunkBytes, 0))
                writer.uint32(/* id 19, wireType 1 =*/153).double(message.percpuFirstChunkBytes);
            if (message.balloonInTotal != null && $Object.hasOwnProperty.call(message, "balloonInTotal") && message.balloonInTotal !== false)
                writer.uint32(/* id 20, wireType 0 =*/160).bool(message.balloonInTotal);
            if (message.timesAreCounts != null && $Object.hasOwnProperty.call(message, "timesAreCounts") && message.timesAreCounts !== false)
                writer.uint32(/* id 24, wireType 0 =*/192).bool(message.timesAreCounts);
            if (message.coverage != null && message.coverage.length)
                for (let i = 0; i < message.coverage.length; ++i)
                    $root.unfreed.CoverageGap.encode(message.coverage[i], writer.uint32(/* id 28, wireType 2 =*/226).fork(), _depth + 1).ldelim();
            if (message.mergedCaches != null && message.mergedCaches.length)
                for (let i = 0; i < message.mergedCaches.length; ++i)
                    $root.unfreed.MergedCache.encode(message.mergedCaches[i], writer.uint32(/* id 29, wireType 2 =*/234).fork(), _depth + 1).ldelim();
            if (message.heldBy != null && $Object.hasOwnProperty.call(message, "heldBy") && message.heldBy.length)
                writer.uint32(/* id 35, wireType 2 =*/282).bytes(message.heldBy);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Host message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Host
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Host & unfreed.Host.$Shape} Host
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Host.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Host();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.collector = value;
                        else
                            delete message.collector;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.hostname = value;
                        else
                            delete message.hostname;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.kernel = value;
                        else
                            delete message.kernel;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.arch = value;
                        else
                            delete message.arch;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.pageSize = value;
                        else
                            delete message.pageSize;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.cpus = value;
                        else
                            delete message.cpus;
                        continue;
                    }
                case 7: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.memTotalBytes = value;
                        else
                            delete message.memTotalBytes;
                        continue;
                    }
                case 8: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.startUnixMs = value;
                        else
                            delete message.startUnixMs;
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.allocators = value;
                        else
                            delete message.allocators;
                        continue;
                    }
                case 10: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.minSizeBytes = value;
                        else
                            delete message.minSizeBytes;
                        continue;
                    }
                case 11: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.sampleOneIn = value;
                        else
                            delete message.sampleOneIn;
                        continue;
                    }
                case 12: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.self = value;
                        else
                            delete message.self;
                        continue;
                    }
                case 13: {
                        if (wireType !== 2)
                            break;
                        if (!(message.hooks && message.hooks.length))
                            message.hooks = [];
                        message.hooks.push(reader.bytes());
                        continue;
                    }
                case 14: {
                        if (wireType !== 2)
                            break;
                        if (!(message.notes && message.notes.length))
                            message.notes = [];
                        message.notes.push(reader.bytes());
                        continue;
                    }
                case 15: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.sampleSeed = value;
                        else
                            delete message.sampleSeed;
                        continue;
                    }
                case 16: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.minAgeNs = value;
                        else
                            delete message.minAgeNs;
                        continue;
                    }
                case 17: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.maxOverhead = value;
                        else
                            delete message.maxOverhead;
                        continue;
                    }
                case 18: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.overhead = value;
                        else
                            delete message.overhead;
                        continue;
                    }
                case 24: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.timesAreCounts = value;
                        else
                            delete message.timesAreCounts;
                        continue;
                    }
                case 19: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.percpuFirstChunkBytes = value;
                        else
                            delete message.percpuFirstChunkBytes;
                        continue;
                    }
                case 20: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.balloonInTotal = value;
                        else
                            delete message.balloonInTotal;
                        continue;
                    }
                case 28: {
                        if (wireType !== 2)
                            break;
                        if (!(message.coverage && message.coverage.length))
                            message.coverage = [];
                        message.coverage.push($root.unfreed.CoverageGap.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 29: {
                        if (wireType !== 2)
                            break;
                        if (!(message.mergedCaches && message.mergedCaches.length))
                            message.mergedCaches = [];
                        message.mergedCaches.push($root.unfreed.MergedCache.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 35: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.heldBy = value;
                        else
                            delete message.heldBy;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Host;
    })();

    unfreed.MergedCache = (function() {

        /**
         * Properties of a MergedCache.
         * @typedef {Object} unfreed.MergedCache.$Properties
         * @property {Array.<Uint8Array>|null} [names] MergedCache names
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a MergedCache.
         * @memberof unfreed
         * @interface IMergedCache
         * @augments unfreed.MergedCache.$Properties
         * @deprecated Use unfreed.MergedCache.$Properties instead.
         */

        /**
         * Shape of a MergedCache.
         * @typedef {unfreed.MergedCache.$Properties} unfreed.MergedCache.$Shape
         */

        /**
         * Constructs a new MergedCache.
         * @memberof unfreed
         * @classdesc Represents a MergedCache.
         * @constructor
         * @param {unfreed.MergedCache.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const MergedCache = function (properties) {
            this.names = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * MergedCache names.
         * @member {Array.<Uint8Array>} names
         * @memberof unfreed.MergedCache
         * @instance
         */
        MergedCache.prototype.names = $util.emptyArray;

        /**
         * Encodes the specified MergedCache message. Does not implicitly {@link unfreed.MergedCache.verify|verify} messages.
         * @function encode
         * @memberof unfreed.MergedCache
         * @static
         * @param {unfreed.MergedCache.$Properties} message MergedCache message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        MergedCache.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.names != null && message.names.length)
                for (let i = 0; i < message.names.length; ++i)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.names[i]);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a MergedCache message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.MergedCache
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.MergedCache & unfreed.MergedCache.$Shape} MergedCache
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        MergedCache.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.MergedCache();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if (!(message.names && message.names.length))
                            message.names = [];
                        message.names.push(reader.bytes());
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return MergedCache;
    })();

    unfreed.CoverageGap = (function() {

        /**
         * Properties of a CoverageGap.
         * @typedef {Object} unfreed.CoverageGap.$Properties
         * @property {number|null} [cause] CoverageGap cause
         * @property {Uint8Array|null} [kinds] CoverageGap kinds
         * @property {boolean|null} [certain] CoverageGap certain
         * @property {Uint8Array|null} [detail] CoverageGap detail
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a CoverageGap.
         * @memberof unfreed
         * @interface ICoverageGap
         * @augments unfreed.CoverageGap.$Properties
         * @deprecated Use unfreed.CoverageGap.$Properties instead.
         */

        /**
         * Shape of a CoverageGap.
         * @typedef {unfreed.CoverageGap.$Properties} unfreed.CoverageGap.$Shape
         */

        /**
         * Constructs a new CoverageGap.
         * @memberof unfreed
         * @classdesc Represents a CoverageGap.
         * @constructor
         * @param {unfreed.CoverageGap.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const CoverageGap = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * CoverageGap cause.
         * @member {number} cause
         * @memberof unfreed.CoverageGap
         * @instance
         */
        CoverageGap.prototype.cause = 0;

        /**
         * CoverageGap kinds.
         * @member {Uint8Array} kinds
         * @memberof unfreed.CoverageGap
         * @instance
         */
        CoverageGap.prototype.kinds = $util.newBuffer([]);

        /**
         * CoverageGap certain.
         * @member {boolean} certain
         * @memberof unfreed.CoverageGap
         * @instance
         */
        CoverageGap.prototype.certain = false;

        /**
         * CoverageGap detail.
         * @member {Uint8Array} detail
         * @memberof unfreed.CoverageGap
         * @instance
         */
        CoverageGap.prototype.detail = $util.newBuffer([]);

        /**
         * Encodes the specified CoverageGap message. Does not implicitly {@link unfreed.CoverageGap.verify|verify} messages.
         * @function encode
         * @memberof unfreed.CoverageGap
         * @static
         * @param {unfreed.CoverageGap.$Properties} message CoverageGap message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        CoverageGap.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.cause != null && $Object.hasOwnProperty.call(message, "cause") && message.cause !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.cause);
            if (message.kinds != null && $Object.hasOwnProperty.call(message, "kinds") && message.kinds.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.kinds);
            if (message.certain != null && $Object.hasOwnProperty.call(message, "certain") && message.certain !== false)
                writer.uint32(/* id 3, wireType 0 =*/24).bool(message.certain);
            if (message.detail != null && $Object.hasOwnProperty.call(message, "detail") && message.detail.length)
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.detail);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a CoverageGap message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.CoverageGap
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.CoverageGap & unfreed.CoverageGap.$Shape} CoverageGap
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        CoverageGap.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.CoverageGap();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.cause = value;
                        else
                            delete message.cause;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.kinds = value;
                        else
                            delete message.kinds;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.certain = value;
                        else
                            delete message.certain;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.detail = value;
                        else
                            delete message.detail;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return CoverageGap;
    })();

    unfreed.Symbol = (function() {

        /**
         * Properties of a Symbol.
         * @typedef {Object} unfreed.Symbol.$Properties
         * @property {number|null} [addressHi] Symbol addressHi
         * @property {number|null} [addressLo] Symbol addressLo
         * @property {Uint8Array|null} [name] Symbol name
         * @property {number|null} [offset] Symbol offset
         * @property {Uint8Array|null} [module] Symbol module
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Symbol.
         * @memberof unfreed
         * @interface ISymbol
         * @augments unfreed.Symbol.$Properties
         * @deprecated Use unfreed.Symbol.$Properties instead.
         */

        /**
         * Shape of a Symbol.
         * @typedef {unfreed.Symbol.$Properties} unfreed.Symbol.$Shape
         */

        /**
         * Constructs a new Symbol.
         * @memberof unfreed
         * @classdesc Represents a Symbol.
         * @constructor
         * @param {unfreed.Symbol.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Symbol = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Symbol addressHi.
         * @member {number} addressHi
         * @memberof unfreed.Symbol
         * @instance
         */
        Symbol.prototype.addressHi = 0;

        /**
         * Symbol addressLo.
         * @member {number} addressLo
         * @memberof unfreed.Symbol
         * @instance
         */
        Symbol.prototype.addressLo = 0;

        /**
         * Symbol name.
         * @member {Uint8Array} name
         * @memberof unfreed.Symbol
         * @instance
         */
        Symbol.prototype.name = $util.newBuffer([]);

        /**
         * Symbol offset.
         * @member {number} offset
         * @memberof unfreed.Symbol
         * @instance
         */
        Symbol.prototype.offset = 0;

        /**
         * Symbol module.
         * @member {Uint8Array|null|undefined} module
         * @memberof unfreed.Symbol
         * @instance
         */
        Symbol.prototype.module = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        // Virtual OneOf for proto3 optional field
        $Object.defineProperty(Symbol.prototype, "_module", {
            get: $util.oneOfGetter($oneOfFields = ["module"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified Symbol message. Does not implicitly {@link unfreed.Symbol.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Symbol
         * @static
         * @param {unfreed.Symbol.$Properties} message Symbol message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Symbol.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.addressHi != null && $Object.hasOwnProperty.call(message, "addressHi") && message.addressHi !== 0)
                writer.uint32(/* id 1, wireType 5 =*/13).fixed32(message.addressHi);
            if (message.addressLo != null && $Object.hasOwnProperty.call(message, "addressLo") && message.addressLo !== 0)
                writer.uint32(/* id 2, wireType 5 =*/21).fixed32(message.addressLo);
            if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.name);
            if (message.offset != null && $Object.hasOwnProperty.call(message, "offset") && message.offset !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.offset);
            if (message.module != null && $Object.hasOwnProperty.call(message, "module"))
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.module);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Symbol message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Symbol
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Symbol & unfreed.Symbol.$Shape} Symbol
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Symbol.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Symbol();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 5)
                            break;
                        if (value = reader.fixed32())
                            message.addressHi = value;
                        else
                            delete message.addressHi;
                        continue;
                    }
                case 2: {
                        if (wireType !== 5)
                            break;
                        if (value = reader.fixed32())
                            message.addressLo = value;
                        else
                            delete message.addressLo;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.name = value;
                        else
                            delete message.name;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.offset = value;
                        else
                            delete message.offset;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.module = reader.bytes();
                        message._module = "module";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Symbol;
    })();

    unfreed.Losses = (function() {

        /**
         * Properties of a Losses.
         * @typedef {Object} unfreed.Losses.$Properties
         * @property {number|null} [timeNs] Losses timeNs
         * @property {number|null} [count] Losses count
         * @property {Uint8Array|null} [rows] Losses rows
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Losses.
         * @memberof unfreed
         * @interface ILosses
         * @augments unfreed.Losses.$Properties
         * @deprecated Use unfreed.Losses.$Properties instead.
         */

        /**
         * Shape of a Losses.
         * @typedef {unfreed.Losses.$Properties} unfreed.Losses.$Shape
         */

        /**
         * Constructs a new Losses.
         * @memberof unfreed
         * @classdesc Represents a Losses.
         * @constructor
         * @param {unfreed.Losses.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Losses = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Losses timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Losses
         * @instance
         */
        Losses.prototype.timeNs = 0;

        /**
         * Losses count.
         * @member {number} count
         * @memberof unfreed.Losses
         * @instance
         */
        Losses.prototype.count = 0;

        /**
         * Losses rows.
         * @member {Uint8Array} rows
         * @memberof unfreed.Losses
         * @instance
         */
        Losses.prototype.rows = $util.newBuffer([]);

        /**
         * Encodes the specified Losses message. Does not implicitly {@link unfreed.Losses.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Losses
         * @static
         * @param {unfreed.Losses.$Properties} message Losses message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Losses.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.count);
            if (message.rows != null && $Object.hasOwnProperty.call(message, "rows") && message.rows.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.rows);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Losses message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Losses
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Losses & unfreed.Losses.$Shape} Losses
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Losses.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Losses();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.count = value;
                        else
                            delete message.count;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.rows = value;
                        else
                            delete message.rows;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Losses;
    })();

    unfreed.Counters = (function() {

        /**
         * Properties of a Counters.
         * @typedef {Object} unfreed.Counters.$Properties
         * @property {number|null} [timeNs] Counters timeNs
         * @property {number|null} [source] Counters source
         * @property {Uint8Array|null} [text] Counters text
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Counters.
         * @memberof unfreed
         * @interface ICounters
         * @augments unfreed.Counters.$Properties
         * @deprecated Use unfreed.Counters.$Properties instead.
         */

        /**
         * Shape of a Counters.
         * @typedef {unfreed.Counters.$Properties} unfreed.Counters.$Shape
         */

        /**
         * Constructs a new Counters.
         * @memberof unfreed
         * @classdesc Represents a Counters.
         * @constructor
         * @param {unfreed.Counters.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Counters = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Counters timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Counters
         * @instance
         */
        Counters.prototype.timeNs = 0;

        /**
         * Counters source.
         * @member {number} source
         * @memberof unfreed.Counters
         * @instance
         */
        Counters.prototype.source = 0;

        /**
         * Counters text.
         * @member {Uint8Array} text
         * @memberof unfreed.Counters
         * @instance
         */
        Counters.prototype.text = $util.newBuffer([]);

        /**
         * Encodes the specified Counters message. Does not implicitly {@link unfreed.Counters.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Counters
         * @static
         * @param {unfreed.Counters.$Properties} message Counters message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Counters.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.source != null && $Object.hasOwnProperty.call(message, "source") && message.source !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.source);
            if (message.text != null && $Object.hasOwnProperty.call(message, "text") && message.text.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.text);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Counters message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Counters
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Counters & unfreed.Counters.$Shape} Counters
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Counters.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Counters();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.source = value;
                        else
                            delete message.source;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.text = value;
                        else
                            delete message.text;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Counters;
    })();

    unfreed.Clock = (function() {

        /**
         * Properties of a Clock.
         * @typedef {Object} unfreed.Clock.$Properties
         * @property {number|null} [timeNs] Clock timeNs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Clock.
         * @memberof unfreed
         * @interface IClock
         * @augments unfreed.Clock.$Properties
         * @deprecated Use unfreed.Clock.$Properties instead.
         */

        /**
         * Shape of a Clock.
         * @typedef {unfreed.Clock.$Properties} unfreed.Clock.$Shape
         */

        /**
         * Constructs a new Clock.
         * @memberof unfreed
         * @classdesc Represents a Clock.
         * @constructor
         * @param {unfreed.Clock.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Clock = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Clock timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Clock
         * @instance
         */
        Clock.prototype.timeNs = 0;

        /**
         * Encodes the specified Clock message. Does not implicitly {@link unfreed.Clock.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Clock
         * @static
         * @param {unfreed.Clock.$Properties} message Clock message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Clock.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Clock message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Clock
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Clock & unfreed.Clock.$Shape} Clock
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Clock.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Clock();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Clock;
    })();

    unfreed.CgroupRemoved = (function() {

        /**
         * Properties of a CgroupRemoved.
         * @typedef {Object} unfreed.CgroupRemoved.$Properties
         * @property {number|null} [timeNs] CgroupRemoved timeNs
         * @property {Uint8Array|null} [cgroup] CgroupRemoved cgroup
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a CgroupRemoved.
         * @memberof unfreed
         * @interface ICgroupRemoved
         * @augments unfreed.CgroupRemoved.$Properties
         * @deprecated Use unfreed.CgroupRemoved.$Properties instead.
         */

        /**
         * Shape of a CgroupRemoved.
         * @typedef {unfreed.CgroupRemoved.$Properties} unfreed.CgroupRemoved.$Shape
         */

        /**
         * Constructs a new CgroupRemoved.
         * @memberof unfreed
         * @classdesc Represents a CgroupRemoved.
         * @constructor
         * @param {unfreed.CgroupRemoved.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const CgroupRemoved = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * CgroupRemoved timeNs.
         * @member {number} timeNs
         * @memberof unfreed.CgroupRemoved
         * @instance
         */
        CgroupRemoved.prototype.timeNs = 0;

        /**
         * CgroupRemoved cgroup.
         * @member {Uint8Array} cgroup
         * @memberof unfreed.CgroupRemoved
         * @instance
         */
        CgroupRemoved.prototype.cgroup = $util.newBuffer([]);

        /**
         * Encodes the specified CgroupRemoved message. Does not implicitly {@link unfreed.CgroupRemoved.verify|verify} messages.
         * @function encode
         * @memberof unfreed.CgroupRemoved
         * @static
         * @param {unfreed.CgroupRemoved.$Properties} message CgroupRemoved message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        CgroupRemoved.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.cgroup != null && $Object.hasOwnProperty.call(message, "cgroup") && message.cgroup.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.cgroup);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a CgroupRemoved message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.CgroupRemoved
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.CgroupRemoved & unfreed.CgroupRemoved.$Shape} CgroupRemoved
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        CgroupRemoved.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.CgroupRemoved();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.cgroup = value;
                        else
                            delete message.cgroup;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return CgroupRemoved;
    })();

    unfreed.Moves = (function() {

        /**
         * Properties of a Moves.
         * @typedef {Object} unfreed.Moves.$Properties
         * @property {number|null} [timeNs] Moves timeNs
         * @property {number|null} [pages] Moves pages
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Moves.
         * @memberof unfreed
         * @interface IMoves
         * @augments unfreed.Moves.$Properties
         * @deprecated Use unfreed.Moves.$Properties instead.
         */

        /**
         * Shape of a Moves.
         * @typedef {unfreed.Moves.$Properties} unfreed.Moves.$Shape
         */

        /**
         * Constructs a new Moves.
         * @memberof unfreed
         * @classdesc Represents a Moves.
         * @constructor
         * @param {unfreed.Moves.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Moves = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Moves timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Moves
         * @instance
         */
        Moves.prototype.timeNs = 0;

        /**
         * Moves pages.
         * @member {number} pages
         * @memberof unfreed.Moves
         * @instance
         */
        Moves.prototype.pages = 0;

        /**
         * Encodes the specified Moves message. Does not implicitly {@link unfreed.Moves.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Moves
         * @static
         * @param {unfreed.Moves.$Properties} message Moves message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Moves.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.pages != null && $Object.hasOwnProperty.call(message, "pages") && !$Object.is(message.pages, 0))
                writer.uint32(/* id 2, wireType 1 =*/17).double(message.pages);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Moves message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Moves
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Moves & unfreed.Moves.$Shape} Moves
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Moves.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Moves();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.pages = value;
                        else
                            delete message.pages;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Moves;
    })();

    unfreed.Held = (function() {

        /**
         * Properties of a Held.
         * @typedef {Object} unfreed.Held.$Properties
         * @property {number|null} [timeNs] Held timeNs
         * @property {number|null} [count] Held count
         * @property {Uint8Array|null} [rows] Held rows
         * @property {Uint8Array|null} [inPage] Held inPage
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Held.
         * @memberof unfreed
         * @interface IHeld
         * @augments unfreed.Held.$Properties
         * @deprecated Use unfreed.Held.$Properties instead.
         */

        /**
         * Shape of a Held.
         * @typedef {unfreed.Held.$Properties} unfreed.Held.$Shape
         */

        /**
         * Constructs a new Held.
         * @memberof unfreed
         * @classdesc Represents a Held.
         * @constructor
         * @param {unfreed.Held.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Held = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Held timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Held
         * @instance
         */
        Held.prototype.timeNs = 0;

        /**
         * Held count.
         * @member {number} count
         * @memberof unfreed.Held
         * @instance
         */
        Held.prototype.count = 0;

        /**
         * Held rows.
         * @member {Uint8Array} rows
         * @memberof unfreed.Held
         * @instance
         */
        Held.prototype.rows = $util.newBuffer([]);

        /**
         * Held inPage.
         * @member {Uint8Array} inPage
         * @memberof unfreed.Held
         * @instance
         */
        Held.prototype.inPage = $util.newBuffer([]);

        /**
         * Encodes the specified Held message. Does not implicitly {@link unfreed.Held.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Held
         * @static
         * @param {unfreed.Held.$Properties} message Held message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Held.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.count);
            if (message.rows != null && $Object.hasOwnProperty.call(message, "rows") && message.rows.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.rows);
            if (message.inPage != null && $Object.hasOwnProperty.call(message, "inPage") && message.inPage.length)
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.inPage);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Held message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Held
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Held & unfreed.Held.$Shape} Held
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Held.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Held();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.count = value;
                        else
                            delete message.count;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.rows = value;
                        else
                            delete message.rows;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.inPage = value;
                        else
                            delete message.inPage;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Held;
    })();

    unfreed.Freed = (function() {

        /**
         * Properties of a Freed.
         * @typedef {Object} unfreed.Freed.$Properties
         * @property {number|null} [timeNs] Freed timeNs
         * @property {number|null} [count] Freed count
         * @property {Uint8Array|null} [rows] Freed rows
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Freed.
         * @memberof unfreed
         * @interface IFreed
         * @augments unfreed.Freed.$Properties
         * @deprecated Use unfreed.Freed.$Properties instead.
         */

        /**
         * Shape of a Freed.
         * @typedef {unfreed.Freed.$Properties} unfreed.Freed.$Shape
         */

        /**
         * Constructs a new Freed.
         * @memberof unfreed
         * @classdesc Represents a Freed.
         * @constructor
         * @param {unfreed.Freed.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Freed = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Freed timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Freed
         * @instance
         */
        Freed.prototype.timeNs = 0;

        /**
         * Freed count.
         * @member {number} count
         * @memberof unfreed.Freed
         * @instance
         */
        Freed.prototype.count = 0;

        /**
         * Freed rows.
         * @member {Uint8Array} rows
         * @memberof unfreed.Freed
         * @instance
         */
        Freed.prototype.rows = $util.newBuffer([]);

        /**
         * Encodes the specified Freed message. Does not implicitly {@link unfreed.Freed.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Freed
         * @static
         * @param {unfreed.Freed.$Properties} message Freed message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Freed.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.count);
            if (message.rows != null && $Object.hasOwnProperty.call(message, "rows") && message.rows.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.rows);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Freed message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Freed
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Freed & unfreed.Freed.$Shape} Freed
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Freed.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Freed();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.count = value;
                        else
                            delete message.count;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.rows = value;
                        else
                            delete message.rows;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Freed;
    })();

    unfreed.Look = (function() {

        /**
         * Properties of a Look.
         * @typedef {Object} unfreed.Look.$Properties
         * @property {number|null} [timeNs] Look timeNs
         * @property {number|null} [unixMs] Look unixMs
         * @property {Array.<unfreed.LookText.$Properties>|null} [texts] Look texts
         * @property {Array.<unfreed.LookMiss.$Properties>|null} [notRead] Look notRead
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Look.
         * @memberof unfreed
         * @interface ILook
         * @augments unfreed.Look.$Properties
         * @deprecated Use unfreed.Look.$Properties instead.
         */

        /**
         * Shape of a Look.
         * @typedef {unfreed.Look.$Properties} unfreed.Look.$Shape
         */

        /**
         * Constructs a new Look.
         * @memberof unfreed
         * @classdesc Represents a Look.
         * @constructor
         * @param {unfreed.Look.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Look = function (properties) {
            this.texts = [];
            this.notRead = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Look timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Look
         * @instance
         */
        Look.prototype.timeNs = 0;

        /**
         * Look unixMs.
         * @member {number} unixMs
         * @memberof unfreed.Look
         * @instance
         */
        Look.prototype.unixMs = 0;

        /**
         * Look texts.
         * @member {Array.<unfreed.LookText.$Properties>} texts
         * @memberof unfreed.Look
         * @instance
         */
        Look.prototype.texts = $util.emptyArray;

        /**
         * Look notRead.
         * @member {Array.<unfreed.LookMiss.$Properties>} notRead
         * @memberof unfreed.Look
         * @instance
         */
        Look.prototype.notRead = $util.emptyArray;

        /**
         * Encodes the specified Look message. Does not implicitly {@link unfreed.Look.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Look
         * @static
         * @param {unfreed.Look.$Properties} message Look message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Look.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.unixMs != null && $Object.hasOwnProperty.call(message, "unixMs") && !$Object.is(message.unixMs, 0))
                writer.uint32(/* id 2, wireType 1 =*/17).double(message.unixMs);
            if (message.texts != null && message.texts.length)
                for (let i = 0; i < message.texts.length; ++i)
                    $root.unfreed.LookText.encode(message.texts[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.notRead != null && message.notRead.length)
                for (let i = 0; i < message.notRead.length; ++i)
                    $root.unfreed.LookMiss.encode(message.notRead[i], writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Look message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Look
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Look & unfreed.Look.$Shape} Look
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Look.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Look();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.unixMs = value;
                        else
                            delete message.unixMs;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if (!(message.texts && message.texts.length))
                            message.texts = [];
                        message.texts.push($root.unfreed.LookText.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if (!(message.notRead && message.notRead.length))
                            message.notRead = [];
                        message.notRead.push($root.unfreed.LookMiss.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Look;
    })();

    unfreed.LookText = (function() {

        /**
         * Properties of a LookText.
         * @typedef {Object} unfreed.LookText.$Properties
         * @property {Uint8Array|null} [name] LookText name
         * @property {Uint8Array|null} [text] LookText text
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a LookText.
         * @memberof unfreed
         * @interface ILookText
         * @augments unfreed.LookText.$Properties
         * @deprecated Use unfreed.LookText.$Properties instead.
         */

        /**
         * Shape of a LookText.
         * @typedef {unfreed.LookText.$Properties} unfreed.LookText.$Shape
         */

        /**
         * Constructs a new LookText.
         * @memberof unfreed
         * @classdesc Represents a LookText.
         * @constructor
         * @param {unfreed.LookText.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const LookText = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * LookText name.
         * @member {Uint8Array} name
         * @memberof unfreed.LookText
         * @instance
         */
        LookText.prototype.name = $util.newBuffer([]);

        /**
         * LookText text.
         * @member {Uint8Array} text
         * @memberof unfreed.LookText
         * @instance
         */
        LookText.prototype.text = $util.newBuffer([]);

        /**
         * Encodes the specified LookText message. Does not implicitly {@link unfreed.LookText.verify|verify} messages.
         * @function encode
         * @memberof unfreed.LookText
         * @static
         * @param {unfreed.LookText.$Properties} message LookText message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        LookText.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.name);
            if (message.text != null && $Object.hasOwnProperty.call(message, "text") && message.text.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.text);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a LookText message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.LookText
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.LookText & unfreed.LookText.$Shape} LookText
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        LookText.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.LookText();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.name = value;
                        else
                            delete message.name;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.text = value;
                        else
                            delete message.text;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return LookText;
    })();

    unfreed.LookMiss = (function() {

        /**
         * Properties of a LookMiss.
         * @typedef {Object} unfreed.LookMiss.$Properties
         * @property {Uint8Array|null} [what] LookMiss what
         * @property {Uint8Array|null} [why] LookMiss why
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a LookMiss.
         * @memberof unfreed
         * @interface ILookMiss
         * @augments unfreed.LookMiss.$Properties
         * @deprecated Use unfreed.LookMiss.$Properties instead.
         */

        /**
         * Shape of a LookMiss.
         * @typedef {unfreed.LookMiss.$Properties} unfreed.LookMiss.$Shape
         */

        /**
         * Constructs a new LookMiss.
         * @memberof unfreed
         * @classdesc Represents a LookMiss.
         * @constructor
         * @param {unfreed.LookMiss.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const LookMiss = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * LookMiss what.
         * @member {Uint8Array} what
         * @memberof unfreed.LookMiss
         * @instance
         */
        LookMiss.prototype.what = $util.newBuffer([]);

        /**
         * LookMiss why.
         * @member {Uint8Array} why
         * @memberof unfreed.LookMiss
         * @instance
         */
        LookMiss.prototype.why = $util.newBuffer([]);

        /**
         * Encodes the specified LookMiss message. Does not implicitly {@link unfreed.LookMiss.verify|verify} messages.
         * @function encode
         * @memberof unfreed.LookMiss
         * @static
         * @param {unfreed.LookMiss.$Properties} message LookMiss message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        LookMiss.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.what != null && $Object.hasOwnProperty.call(message, "what") && message.what.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.what);
            if (message.why != null && $Object.hasOwnProperty.call(message, "why") && message.why.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.why);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a LookMiss message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.LookMiss
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.LookMiss & unfreed.LookMiss.$Shape} LookMiss
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        LookMiss.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.LookMiss();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.what = value;
                        else
                            delete message.what;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.why = value;
                        else
                            delete message.why;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return LookMiss;
    })();

    unfreed.Mark = (function() {

        /**
         * Properties of a Mark.
         * @typedef {Object} unfreed.Mark.$Properties
         * @property {number|null} [timeNs] Mark timeNs
         * @property {number|null} [kind] Mark kind
         * @property {number|null} [pid] Mark pid
         * @property {Uint8Array|null} [comm] Mark comm
         * @property {Uint8Array|null} [values] Mark values
         * @property {Array.<Uint8Array>|null} [texts] Mark texts
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Mark.
         * @memberof unfreed
         * @interface IMark
         * @augments unfreed.Mark.$Properties
         * @deprecated Use unfreed.Mark.$Properties instead.
         */

        /**
         * Shape of a Mark.
         * @typedef {unfreed.Mark.$Properties} unfreed.Mark.$Shape
         */

        /**
         * Constructs a new Mark.
         * @memberof unfreed
         * @classdesc Represents a Mark.
         * @constructor
         * @param {unfreed.Mark.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Mark = function (properties) {
            this.texts = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Mark timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Mark
         * @instance
         */
        Mark.prototype.timeNs = 0;

        /**
         * Mark kind.
         * @member {number} kind
         * @memberof unfreed.Mark
         * @instance
         */
        Mark.prototype.kind = 0;

        /**
         * Mark pid.
         * @member {number} pid
         * @memberof unfreed.Mark
         * @instance
         */
        Mark.prototype.pid = 0;

        /**
         * Mark comm.
         * @member {Uint8Array} comm
         * @memberof unfreed.Mark
         * @instance
         */
        Mark.prototype.comm = $util.newBuffer([]);

        /**
         * Mark values.
         * @member {Uint8Array} values
         * @memberof unfreed.Mark
         * @instance
         */
        Mark.prototype.values = $util.newBuffer([]);

        /**
         * Mark texts.
         * @member {Array.<Uint8Array>} texts
         * @memberof unfreed.Mark
         * @instance
         */
        Mark.prototype.texts = $util.emptyArray;

        /**
         * Encodes the specified Mark message. Does not implicitly {@link unfreed.Mark.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Mark
         * @static
         * @param {unfreed.Mark.$Properties} message Mark message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Mark.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.kind);
            if (message.pid != null && $Object.hasOwnProperty.call(message, "pid") && message.pid !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.pid);
            if (message.comm != null && $Object.hasOwnProperty.call(message, "comm") && message.comm.length)
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.comm);
            if (message.values != null && $Object.hasOwnProperty.call(message, "values") && message.values.length)
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.values);
            if (message.texts != null && message.texts.length)
                for (let i = 0; i < message.texts.length; ++i)
                    writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.texts[i]);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Mark message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Mark
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Mark & unfreed.Mark.$Shape} Mark
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Mark.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Mark();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.kind = value;
                        else
                            delete message.kind;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.pid = value;
                        else
                            delete message.pid;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.comm = value;
                        else
                            delete message.comm;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.values = value;
                        else
                            delete message.values;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if (!(message.texts && message.texts.length))
                            message.texts = [];
                        message.texts.push(reader.bytes());
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Mark;
    })();

    unfreed.Lives = (function() {

        /**
         * Properties of a Lives.
         * @typedef {Object} unfreed.Lives.$Properties
         * @property {number|null} [timeNs] Lives timeNs
         * @property {number|null} [count] Lives count
         * @property {Uint8Array|null} [rows] Lives rows
         * @property {number|null} [lostRows] Lives lostRows
         * @property {number|null} [lostMarks] Lives lostMarks
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Lives.
         * @memberof unfreed
         * @interface ILives
         * @augments unfreed.Lives.$Properties
         * @deprecated Use unfreed.Lives.$Properties instead.
         */

        /**
         * Shape of a Lives.
         * @typedef {unfreed.Lives.$Properties} unfreed.Lives.$Shape
         */

        /**
         * Constructs a new Lives.
         * @memberof unfreed
         * @classdesc Represents a Lives.
         * @constructor
         * @param {unfreed.Lives.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Lives = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Lives timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Lives
         * @instance
         */
        Lives.prototype.timeNs = 0;

        /**
         * Lives count.
         * @member {number} count
         * @memberof unfreed.Lives
         * @instance
         */
        Lives.prototype.count = 0;

        /**
         * Lives rows.
         * @member {Uint8Array} rows
         * @memberof unfreed.Lives
         * @instance
         */
        Lives.prototype.rows = $util.newBuffer([]);

        /**
         * Lives lostRows.
         * @member {number} lostRows
         * @memberof unfreed.Lives
         * @instance
         */
        Lives.prototype.lostRows = 0;

        /**
         * Lives lostMarks.
         * @member {number} lostMarks
         * @memberof unfreed.Lives
         * @instance
         */
        Lives.prototype.lostMarks = 0;

        /**
         * Encodes the specified Lives message. Does not implicitly {@link unfreed.Lives.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Lives
         * @static
         * @param {unfreed.Lives.$Properties} message Lives message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Lives.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.count);
            if (message.rows != null && $Object.hasOwnProperty.call(message, "rows") && message.rows.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.rows);
            if (message.lostRows != null && $Object.hasOwnProperty.call(message, "lostRows") && !$Object.is(message.lostRows, 0))
                writer.uint32(/* id 4, wireType 1 =*/33).double(message.lostRows);
            if (message.lostMarks != null && $Object.hasOwnProperty.call(message, "lostMarks") && !$Object.is(message.lostMarks, 0))
                writer.uint32(/* id 5, wireType 1 =*/41).double(message.lostMarks);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Lives message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Lives
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Lives & unfreed.Lives.$Shape} Lives
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Lives.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Lives();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.count = value;
                        else
                            delete message.count;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.rows = value;
                        else
                            delete message.rows;
                        continue;
                    }
                case 4: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.lostRows = value;
                        else
                            delete message.lostRows;
                        continue;
                    }
                case 5: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.lostMarks = value;
                        else
                            delete message.lostMarks;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Lives;
    })();

    unfreed.Names = (function() {

        /**
         * Properties of a Names.
         * @typedef {Object} unfreed.Names.$Properties
         * @property {number|null} [timeNs] Names timeNs
         * @property {Uint8Array|null} [rows] Names rows
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Names.
         * @memberof unfreed
         * @interface INames
         * @augments unfreed.Names.$Properties
         * @deprecated Use unfreed.Names.$Properties instead.
         */

        /**
         * Shape of a Names.
         * @typedef {unfreed.Names.$Properties} unfreed.Names.$Shape
         */

        /**
         * Constructs a new Names.
         * @memberof unfreed
         * @classdesc Represents a Names.
         * @constructor
         * @param {unfreed.Names.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Names = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Names timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Names
         * @instance
         */
        Names.prototype.timeNs = 0;

        /**
         * Names rows.
         * @member {Uint8Array} rows
         * @memberof unfreed.Names
         * @instance
         */
        Names.prototype.rows = $util.newBuffer([]);

        /**
         * Encodes the specified Names message. Does not implicitly {@link unfreed.Names.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Names
         * @static
         * @param {unfreed.Names.$Properties} message Names message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Names.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.rows != null && $Object.hasOwnProperty.call(message, "rows") && message.rows.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.rows);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Names message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Names
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Names & unfreed.Names.$Shape} Names
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Names.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Names();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.rows = value;
                        else
                            delete message.rows;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Names;
    })();

    unfreed.Process = (function() {

        /**
         * Properties of a Process.
         * @typedef {Object} unfreed.Process.$Properties
         * @property {number|null} [timeNs] Process timeNs
         * @property {number|null} [number] Process number
         * @property {number|null} [pid] Process pid
         * @property {number|null} [startNs] Process startNs
         * @property {number|null} [parent] Process parent
         * @property {number|null} [why] Process why
         * @property {boolean|null} [stays] Process stays
         * @property {Uint8Array|null} [exe] Process exe
         * @property {Uint8Array|null} [cmdline] Process cmdline
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Process.
         * @memberof unfreed
         * @interface IProcess
         * @augments unfreed.Process.$Properties
         * @deprecated Use unfreed.Process.$Properties instead.
         */

        /**
         * Shape of a Process.
         * @typedef {unfreed.Process.$Properties} unfreed.Process.$Shape
         */

        /**
         * Constructs a new Process.
         * @memberof unfreed
         * @classdesc Represents a Process.
         * @constructor
         * @param {unfreed.Process.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Process = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Process timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Process
         * @instance
         */
        Process.prototype.timeNs = 0;

        /**
         * Process number.
         * @member {number} number
         * @memberof unfreed.Process
         * @instance
         */
        Process.prototype.number = 0;

        /**
         * Process pid.
         * @member {number} pid
         * @memberof unfreed.Process
         * @instance
         */
        Process.prototype.pid = 0;

        /**
         * Process startNs.
         * @member {number} startNs
         * @memberof unfreed.Process
         * @instance
         */
        Process.prototype.startNs = 0;

        /**
         * Process parent.
         * @member {number} parent
         * @memberof unfreed.Process
         * @instance
         */
        Process.prototype.parent = 0;

        /**
         * Process why.
         * @member {number} why
         * @memberof unfreed.Process
         * @instance
         */
        Process.prototype.why = 0;

        /**
         * Process stays.
         * @member {boolean} stays
         * @memberof unfreed.Process
         * @instance
         */
        Process.prototype.stays = false;

        /**
         * Process exe.
         * @member {Uint8Array} exe
         * @memberof unfreed.Process
         * @instance
         */
        Process.prototype.exe = $util.newBuffer([]);

        /**
         * Process cmdline.
         * @member {Uint8Array} cmdline
         * @memberof unfreed.Process
         * @instance
         */
        Process.prototype.cmdline = $util.newBuffer([]);

        /**
         * Encodes the specified Process message. Does not implicitly {@link unfreed.Process.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Process
         * @static
         * @param {unfreed.Process.$Properties} message Process message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Process.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.number != null && $Object.hasOwnProperty.call(message, "number") && message.number !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.number);
            if (message.pid != null && $Object.hasOwnProperty.call(message, "pid") && message.pid !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.pid);
            if (message.startNs != null && $Object.hasOwnProperty.call(message, "startNs") && !$Object.is(message.startNs, 0))
                writer.uint32(/* id 4, wireType 1 =*/33).double(message.startNs);
            if (message.parent != null && $Object.hasOwnProperty.call(message, "parent") && message.parent !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.parent);
            if (message.why != null && $Object.hasOwnProperty.call(message, "why") && message.why !== 0)
                writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.why);
            if (message.stays != null && $Object.hasOwnProperty.call(message, "stays") && message.stays !== false)
                writer.uint32(/* id 7, wireType 0 =*/56).bool(message.stays);
            if (message.exe != null && $Object.hasOwnProperty.call(message, "exe") && message.exe.length)
                writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.exe);
            if (message.cmdline != null && $Object.hasOwnProperty.call(message, "cmdline") && message.cmdline.length)
                writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.cmdline);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Process message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Process
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Process & unfreed.Process.$Shape} Process
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Process.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Process();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.number = value;
                        else
                            delete message.number;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.pid = value;
                        else
                            delete message.pid;
                        continue;
                    }
                case 4: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.startNs = value;
                        else
                            delete message.startNs;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.parent = value;
                        else
                            delete message.parent;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.why = value;
                        else
                            delete message.why;
                        continue;
                    }
                case 7: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.stays = value;
                        else
                            delete message.stays;
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.exe = value;
                        else
                            delete message.exe;
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.cmdline = value;
                        else
                            delete message.cmdline;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Process;
    })();

    unfreed.Image = (function() {

        /**
         * Properties of an Image.
         * @typedef {Object} unfreed.Image.$Properties
         * @property {number|null} [number] Image number
         * @property {Uint8Array|null} [buildId] Image buildId
         * @property {Uint8Array|null} [path] Image path
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Image.
         * @memberof unfreed
         * @interface IImage
         * @augments unfreed.Image.$Properties
         * @deprecated Use unfreed.Image.$Properties instead.
         */

        /**
         * Shape of an Image.
         * @typedef {unfreed.Image.$Properties} unfreed.Image.$Shape
         */

        /**
         * Constructs a new Image.
         * @memberof unfreed
         * @classdesc Represents an Image.
         * @constructor
         * @param {unfreed.Image.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Image = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Image number.
         * @member {number} number
         * @memberof unfreed.Image
         * @instance
         */
        Image.prototype.number = 0;

        /**
         * Image buildId.
         * @member {Uint8Array} buildId
         * @memberof unfreed.Image
         * @instance
         */
        Image.prototype.buildId = $util.newBuffer([]);

        /**
         * Image path.
         * @member {Uint8Array} path
         * @memberof unfreed.Image
         * @instance
         */
        Image.prototype.path = $util.newBuffer([]);

        /**
         * Encodes the specified Image message. Does not implicitly {@link unfreed.Image.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Image
         * @static
         * @param {unfreed.Image.$Properties} message Image message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Image.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.number != null && $Object.hasOwnProperty.call(message, "number") && message.number !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.number);
            if (message.buildId != null && $Object.hasOwnProperty.call(message, "buildId") && message.buildId.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.buildId);
            if (message.path != null && $Object.hasOwnProperty.call(message, "path") && message.path.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.path);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Image message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Image
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Image & unfreed.Image.$Shape} Image
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Image.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Image();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.number = value;
                        else
                            delete message.number;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.buildId = value;
                        else
                            delete message.buildId;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.path = value;
                        else
                            delete message.path;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Image;
    })();

    unfreed.Resident = (function() {

        /**
         * Properties of a Resident.
         * @typedef {Object} unfreed.Resident.$Properties
         * @property {number|null} [timeNs] Resident timeNs
         * @property {number|null} [process] Resident process
         * @property {boolean|null} [isWhole] Resident isWhole
         * @property {number|null} [count] Resident count
         * @property {Uint8Array|null} [rows] Resident rows
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Resident.
         * @memberof unfreed
         * @interface IResident
         * @augments unfreed.Resident.$Properties
         * @deprecated Use unfreed.Resident.$Properties instead.
         */

        /**
         * Shape of a Resident.
         * @typedef {unfreed.Resident.$Properties} unfreed.Resident.$Shape
         */

        /**
         * Constructs a new Resident.
         * @memberof unfreed
         * @classdesc Represents a Resident.
         * @constructor
         * @param {unfreed.Resident.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Resident = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Resident timeNs.
         * @member {number} timeNs
         * @memberof unfreed.Resident
         * @instance
         */
        Resident.prototype.timeNs = 0;

        /**
         * Resident process.
         * @member {number} process
         * @memberof unfreed.Resident
         * @instance
         */
        Resident.prototype.process = 0;

        /**
         * Resident isWhole.
         * @member {boolean} isWhole
         * @memberof unfreed.Resident
         * @instance
         */
        Resident.prototype.isWhole = false;

        /**
         * Resident count.
         * @member {number} count
         * @memberof unfreed.Resident
         * @instance
         */
        Resident.prototype.count = 0;

        /**
         * Resident rows.
         * @member {Uint8Array} rows
         * @memberof unfreed.Resident
         * @instance
         */
        Resident.prototype.rows = $util.newBuffer([]);

        /**
         * Encodes the specified Resident message. Does not implicitly {@link unfreed.Resident.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Resident
         * @static
         * @param {unfreed.Resident.$Properties} message Resident message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Resident.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.process != null && $Object.hasOwnProperty.call(message, "process") && message.process !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.process);
            if (message.isWhole != null && $Object.hasOwnProperty.call(message, "isWhole") && message.isWhole !== false)
                writer.uint32(/* id 3, wireType 0 =*/24).bool(message.isWhole);
            if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.count);
            if (message.rows != null && $Object.hasOwnProperty.call(message, "rows") && message.rows.length)
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.rows);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Resident message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Resident
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Resident & unfreed.Resident.$Shape} Resident
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Resident.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Resident();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.process = value;
                        else
                            delete message.process;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.isWhole = value;
                        else
                            delete message.isWhole;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.count = value;
                        else
                            delete message.count;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.rows = value;
                        else
                            delete message.rows;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Resident;
    })();

    unfreed.End = (function() {

        /**
         * Properties of an End.
         * @typedef {Object} unfreed.End.$Properties
         * @property {number|null} [timeNs] End timeNs
         * @property {number|null} [reason] End reason
         * @property {Uint8Array|null} [detail] End detail
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an End.
         * @memberof unfreed
         * @interface IEnd
         * @augments unfreed.End.$Properties
         * @deprecated Use unfreed.End.$Properties instead.
         */

        /**
         * Shape of an End.
         * @typedef {unfreed.End.$Properties} unfreed.End.$Shape
         */

        /**
         * Constructs a new End.
         * @memberof unfreed
         * @classdesc Represents an End.
         * @constructor
         * @param {unfreed.End.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const End = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * End timeNs.
         * @member {number} timeNs
         * @memberof unfreed.End
         * @instance
         */
        End.prototype.timeNs = 0;

        /**
         * End reason.
         * @member {number} reason
         * @memberof unfreed.End
         * @instance
         */
        End.prototype.reason = 0;

        /**
         * End detail.
         * @member {Uint8Array} detail
         * @memberof unfreed.End
         * @instance
         */
        End.prototype.detail = $util.newBuffer([]);

        /**
         * Encodes the specified End message. Does not implicitly {@link unfreed.End.verify|verify} messages.
         * @function encode
         * @memberof unfreed.End
         * @static
         * @param {unfreed.End.$Properties} message End message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        End.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.timeNs != null && $Object.hasOwnProperty.call(message, "timeNs") && !$Object.is(message.timeNs, 0))
                writer.uint32(/* id 1, wireType 1 =*/9).double(message.timeNs);
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.reason);
            if (message.detail != null && $Object.hasOwnProperty.call(message, "detail") && message.detail.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.detail);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an End message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.End
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.End & unfreed.End.$Shape} End
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        End.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.End();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.timeNs = value;
                        else
                            delete message.timeNs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.reason = value;
                        else
                            delete message.reason;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.detail = value;
                        else
                            delete message.detail;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return End;
    })();

    unfreed.Part = (function() {

        /**
         * Properties of a Part.
         * @typedef {Object} unfreed.Part.$Properties
         * @property {Uint8Array|null} [ring] Part ring
         * @property {number|null} [number] Part number
         * @property {number|null} [startNs] Part startNs
         * @property {number|null} [eventsBefore] Part eventsBefore
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Part.
         * @memberof unfreed
         * @interface IPart
         * @augments unfreed.Part.$Properties
         * @deprecated Use unfreed.Part.$Properties instead.
         */

        /**
         * Shape of a Part.
         * @typedef {unfreed.Part.$Properties} unfreed.Part.$Shape
         */

        /**
         * Constructs a new Part.
         * @memberof unfreed
         * @classdesc Represents a Part.
         * @constructor
         * @param {unfreed.Part.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Part = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Part ring.
         * @member {Uint8Array} ring
         * @memberof unfreed.Part
         * @instance
         */
        Part.prototype.ring = $util.newBuffer([]);

        /**
         * Part number.
         * @member {number} number
         * @memberof unfreed.Part
         * @instance
         */
        Part.prototype.number = 0;

        /**
         * Part startNs.
         * @member {number} startNs
         * @memberof unfreed.Part
         * @instance
         */
        Part.prototype.startNs = 0;

        /**
         * Part eventsBefore.
         * @member {number} eventsBefore
         * @memberof unfreed.Part
         * @instance
         */
        Part.prototype.eventsBefore = 0;

        /**
         * Encodes the specified Part message. Does not implicitly {@link unfreed.Part.verify|verify} messages.
         * @function encode
         * @memberof unfreed.Part
         * @static
         * @param {unfreed.Part.$Properties} message Part message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Part.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.ring != null && $Object.hasOwnProperty.call(message, "ring") && message.ring.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.ring);
            if (message.number != null && $Object.hasOwnProperty.call(message, "number") && message.number !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.number);
            if (message.startNs != null && $Object.hasOwnProperty.call(message, "startNs") && !$Object.is(message.startNs, 0))
                writer.uint32(/* id 3, wireType 1 =*/25).double(message.startNs);
            if (message.eventsBefore != null && $Object.hasOwnProperty.call(message, "eventsBefore") && !$Object.is(message.eventsBefore, 0))
                writer.uint32(/* id 4, wireType 1 =*/33).double(message.eventsBefore);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Part message from the specified reader or buffer.
         * @function decode
         * @memberof unfreed.Part
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {unfreed.Part & unfreed.Part.$Shape} Part
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Part.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.unfreed.Part();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.ring = value;
                        else
                            delete message.ring;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.number = value;
                        else
                            delete message.number;
                        continue;
                    }
                case 3: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.startNs = value;
                        else
                            delete message.startNs;
                        continue;
                    }
                case 4: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.eventsBefore = value;
                        else
                            delete message.eventsBefore;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Part;
    })();

    return unfreed;
})();

export {
  $root as default
};
