import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace unfreed. */
export namespace unfreed {

    /**
     * Properties of a Chunk.
     * @deprecated Use unfreed.Chunk.$Properties instead.
     */
    interface IChunk extends unfreed.Chunk.$Properties {
    }

    /** Represents a Chunk. */
    class Chunk {

        /**
         * Constructs a new Chunk.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Chunk.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Chunk definitions. */
        definitions?: (unfreed.Definitions.$Properties|null);

        /** Chunk events. */
        events?: (unfreed.EventColumns.$Properties|null);

        /** Chunk items. */
        items: unfreed.Item.$Properties[];

        /**
         * Encodes the specified Chunk message. Does not implicitly {@link unfreed.Chunk.verify|verify} messages.
         * @param message Chunk message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Chunk.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Chunk message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Chunk & unfreed.Chunk.$Shape} Chunk
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Chunk & unfreed.Chunk.$Shape;
    }

    namespace Chunk {

        /** Properties of a Chunk. */
        interface $Properties {

            /** Chunk definitions */
            definitions?: (unfreed.Definitions.$Properties|null);

            /** Chunk events */
            events?: (unfreed.EventColumns.$Properties|null);

            /** Chunk items */
            items?: (unfreed.Item.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Chunk. */
        type $Shape = {
          definitions?: unfreed.Definitions.$Shape|null;
          events?: unfreed.EventColumns.$Shape|null;
          items?: unfreed.Item.$Shape[]|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a Definitions.
     * @deprecated Use unfreed.Definitions.$Properties instead.
     */
    interface IDefinitions extends unfreed.Definitions.$Properties {
    }

    /** Represents a Definitions. */
    class Definitions {

        /**
         * Constructs a new Definitions.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Definitions.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Definitions firstFrame. */
        firstFrame: number;

        /** Definitions frameCount. */
        frameCount: number;

        /** Definitions frames. */
        frames: Uint8Array;

        /** Definitions firstStack. */
        firstStack: number;

        /** Definitions stackCount. */
        stackCount: number;

        /** Definitions stacks. */
        stacks: Uint8Array;

        /** Definitions firstComm. */
        firstComm: number;

        /** Definitions comms. */
        comms: Uint8Array[];

        /** Definitions firstCache. */
        firstCache: number;

        /** Definitions caches. */
        caches: Uint8Array[];

        /** Definitions firstCgroup. */
        firstCgroup: number;

        /** Definitions cgroups. */
        cgroups: Uint8Array[];

        /** Definitions commCgroups. */
        commCgroups: Uint8Array;

        /**
         * Encodes the specified Definitions message. Does not implicitly {@link unfreed.Definitions.verify|verify} messages.
         * @param message Definitions message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Definitions.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Definitions message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Definitions & unfreed.Definitions.$Shape} Definitions
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Definitions & unfreed.Definitions.$Shape;
    }

    namespace Definitions {

        /** Properties of a Definitions. */
        interface $Properties {

            /** Definitions firstFrame */
            firstFrame?: (number|null);

            /** Definitions frameCount */
            frameCount?: (number|null);

            /** Definitions frames */
            frames?: (Uint8Array|null);

            /** Definitions firstStack */
            firstStack?: (number|null);

            /** Definitions stackCount */
            stackCount?: (number|null);

            /** Definitions stacks */
            stacks?: (Uint8Array|null);

            /** Definitions firstComm */
            firstComm?: (number|null);

            /** Definitions comms */
            comms?: (Uint8Array[]|null);

            /** Definitions firstCache */
            firstCache?: (number|null);

            /** Definitions caches */
            caches?: (Uint8Array[]|null);

            /** Definitions firstCgroup */
            firstCgroup?: (number|null);

            /** Definitions cgroups */
            cgroups?: (Uint8Array[]|null);

            /** Definitions commCgroups */
            commCgroups?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Definitions. */
        type $Shape = unfreed.Definitions.$Properties;
    }

    /**
     * Properties of an EventColumns.
     * @deprecated Use unfreed.EventColumns.$Properties instead.
     */
    interface IEventColumns extends unfreed.EventColumns.$Properties {
    }

    /** Represents an EventColumns. */
    class EventColumns {

        /**
         * Constructs a new EventColumns.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.EventColumns.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** EventColumns count. */
        count: number;

        /** EventColumns shapeCount. */
        shapeCount: number;

        /** EventColumns shapes. */
        shapes: Uint8Array;

        /** EventColumns taskCount. */
        taskCount: number;

        /** EventColumns tasks. */
        tasks: Uint8Array;

        /** EventColumns times. */
        times: Uint8Array;

        /** EventColumns shapeOfEvent. */
        shapeOfEvent: Uint8Array;

        /** EventColumns taskOfEvent. */
        taskOfEvent: Uint8Array;

        /** EventColumns references. */
        references: Uint8Array;

        /** EventColumns addresses. */
        addresses: Uint8Array;

        /** EventColumns taskCpus. */
        taskCpus: Uint8Array;

        /**
         * Encodes the specified EventColumns message. Does not implicitly {@link unfreed.EventColumns.verify|verify} messages.
         * @param message EventColumns message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.EventColumns.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an EventColumns message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.EventColumns & unfreed.EventColumns.$Shape} EventColumns
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.EventColumns & unfreed.EventColumns.$Shape;
    }

    namespace EventColumns {

        /** Properties of an EventColumns. */
        interface $Properties {

            /** EventColumns count */
            count?: (number|null);

            /** EventColumns shapeCount */
            shapeCount?: (number|null);

            /** EventColumns shapes */
            shapes?: (Uint8Array|null);

            /** EventColumns taskCount */
            taskCount?: (number|null);

            /** EventColumns tasks */
            tasks?: (Uint8Array|null);

            /** EventColumns times */
            times?: (Uint8Array|null);

            /** EventColumns shapeOfEvent */
            shapeOfEvent?: (Uint8Array|null);

            /** EventColumns taskOfEvent */
            taskOfEvent?: (Uint8Array|null);

            /** EventColumns references */
            references?: (Uint8Array|null);

            /** EventColumns addresses */
            addresses?: (Uint8Array|null);

            /** EventColumns taskCpus */
            taskCpus?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an EventColumns. */
        type $Shape = unfreed.EventColumns.$Properties;
    }

    /**
     * Properties of an Item.
     * @deprecated Use unfreed.Item.$Properties instead.
     */
    interface IItem extends unfreed.Item.$Properties {
    }

    /** Represents an Item. */
    class Item {

        /**
         * Constructs a new Item.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Item.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Item at. */
        at: number;

        /** Item host. */
        host?: (unfreed.Host.$Properties|null);

        /** Item symbol. */
        symbol?: (unfreed.Symbol.$Properties|null);

        /** Item losses. */
        losses?: (unfreed.Losses.$Properties|null);

        /** Item counters. */
        counters?: (unfreed.Counters.$Properties|null);

        /** Item clock. */
        clock?: (unfreed.Clock.$Properties|null);

        /** Item end. */
        end?: (unfreed.End.$Properties|null);

        /** Item part. */
        part?: (unfreed.Part.$Properties|null);

        /** Item moves. */
        moves?: (unfreed.Moves.$Properties|null);

        /** Item held. */
        held?: (unfreed.Held.$Properties|null);

        /** Item look. */
        look?: (unfreed.Look.$Properties|null);

        /** Item cgroupRemoved. */
        cgroupRemoved?: (unfreed.CgroupRemoved.$Properties|null);

        /** Item mark. */
        mark?: (unfreed.Mark.$Properties|null);

        /** Item lives. */
        lives?: (unfreed.Lives.$Properties|null);

        /** Item freed. */
        freed?: (unfreed.Freed.$Properties|null);

        /** Item names. */
        names?: (unfreed.Names.$Properties|null);

        /** Item process. */
        process?: (unfreed.Process.$Properties|null);

        /** Item image. */
        image?: (unfreed.Image.$Properties|null);

        /** Item resident. */
        resident?: (unfreed.Resident.$Properties|null);

        /** Item body. */
        body?: ("host"|"symbol"|"losses"|"counters"|"clock"|"end"|"part"|"moves"|"held"|"look"|"cgroupRemoved"|"mark"|"lives"|"freed"|"names"|"process"|"image"|"resident");

        /**
         * Encodes the specified Item message. Does not implicitly {@link unfreed.Item.verify|verify} messages.
         * @param message Item message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Item.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an Item message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Item & unfreed.Item.$Shape} Item
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Item & unfreed.Item.$Shape;
    }

    namespace Item {

        /** Properties of an Item. */
        interface $Properties {

            /** Item at */
            at?: (number|null);

            /** Item host */
            host?: (unfreed.Host.$Properties|null);

            /** Item symbol */
            symbol?: (unfreed.Symbol.$Properties|null);

            /** Item losses */
            losses?: (unfreed.Losses.$Properties|null);

            /** Item counters */
            counters?: (unfreed.Counters.$Properties|null);

            /** Item clock */
            clock?: (unfreed.Clock.$Properties|null);

            /** Item end */
            end?: (unfreed.End.$Properties|null);

            /** Item part */
            part?: (unfreed.Part.$Properties|null);

            /** Item moves */
            moves?: (unfreed.Moves.$Properties|null);

            /** Item held */
            held?: (unfreed.Held.$Properties|null);

            /** Item look */
            look?: (unfreed.Look.$Properties|null);

            /** Item cgroupRemoved */
            cgroupRemoved?: (unfreed.CgroupRemoved.$Properties|null);

            /** Item mark */
            mark?: (unfreed.Mark.$Properties|null);

            /** Item lives */
            lives?: (unfreed.Lives.$Properties|null);

            /** Item freed */
            freed?: (unfreed.Freed.$Properties|null);

            /** Item names */
            names?: (unfreed.Names.$Properties|null);

            /** Item process */
            process?: (unfreed.Process.$Properties|null);

            /** Item image */
            image?: (unfreed.Image.$Properties|null);

            /** Item resident */
            resident?: (unfreed.Resident.$Properties|null);

            /** Item body */
            body?: ("host"|"symbol"|"losses"|"counters"|"clock"|"end"|"part"|"moves"|"held"|"look"|"cgroupRemoved"|"mark"|"lives"|"freed"|"names"|"process"|"image"|"resident");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of an Item. */
        type $Shape = {
          at?: number|null;
          host?: unfreed.Host.$Shape|null;
          symbol?: unfreed.Symbol.$Shape|null;
          losses?: unfreed.Losses.$Shape|null;
          counters?: unfreed.Counters.$Shape|null;
          clock?: unfreed.Clock.$Shape|null;
          end?: unfreed.End.$Shape|null;
          part?: unfreed.Part.$Shape|null;
          moves?: unfreed.Moves.$Shape|null;
          held?: unfreed.Held.$Shape|null;
          look?: unfreed.Look.$Shape|null;
          cgroupRemoved?: unfreed.CgroupRemoved.$Shape|null;
          mark?: unfreed.Mark.$Shape|null;
          lives?: unfreed.Lives.$Shape|null;
          freed?: unfreed.Freed.$Shape|null;
          names?: unfreed.Names.$Shape|null;
          process?: unfreed.Process.$Shape|null;
          image?: unfreed.Image.$Shape|null;
          resident?: unfreed.Resident.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ body?: undefined; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "host"; host: unfreed.Host.$Shape; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "symbol"; host?: null; symbol: unfreed.Symbol.$Shape; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "losses"; host?: null; symbol?: null; losses: unfreed.Losses.$Shape; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "counters"; host?: null; symbol?: null; losses?: null; counters: unfreed.Counters.$Shape; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "clock"; host?: null; symbol?: null; losses?: null; counters?: null; clock: unfreed.Clock.$Shape; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "end"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end: unfreed.End.$Shape; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "part"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part: unfreed.Part.$Shape; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "moves"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves: unfreed.Moves.$Shape; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "held"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held: unfreed.Held.$Shape; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "look"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look: unfreed.Look.$Shape; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "cgroupRemoved"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved: unfreed.CgroupRemoved.$Shape; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "mark"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark: unfreed.Mark.$Shape; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "lives"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives: unfreed.Lives.$Shape; freed?: null; names?: null; process?: null; image?: null; resident?: null }|{ body?: "freed"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed: unfreed.Freed.$Shape; names?: null; process?: null; image?: null; resident?: null }|{ body?: "names"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names: unfreed.Names.$Shape; process?: null; image?: null; resident?: null }|{ body?: "process"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process: unfreed.Process.$Shape; image?: null; resident?: null }|{ body?: "image"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image: unfreed.Image.$Shape; resident?: null }|{ body?: "resident"; host?: null; symbol?: null; losses?: null; counters?: null; clock?: null; end?: null; part?: null; moves?: null; held?: null; look?: null; cgroupRemoved?: null; mark?: null; lives?: null; freed?: null; names?: null; process?: null; image?: null; resident: unfreed.Resident.$Shape })
        );
    }

    /**
     * Properties of a Host.
     * @deprecated Use unfreed.Host.$Properties instead.
     */
    interface IHost extends unfreed.Host.$Properties {
    }

    /** Represents a Host. */
    class Host {

        /**
         * Constructs a new Host.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Host.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Host collector. */
        collector: Uint8Array;

        /** Host hostname. */
        hostname: Uint8Array;

        /** Host kernel. */
        kernel: Uint8Array;

        /** Host arch. */
        arch: Uint8Array;

        /** Host pageSize. */
        pageSize: number;

        /** Host cpus. */
        cpus: number;

        /** Host memTotalBytes. */
        memTotalBytes: number;

        /** Host startUnixMs. */
        startUnixMs: number;

        /** Host allocators. */
        allocators: Uint8Array;

        /** Host minSizeBytes. */
        minSizeBytes: number;

        /** Host sampleOneIn. */
        sampleOneIn: number;

        /** Host self. */
        self: number;

        /** Host hooks. */
        hooks: Uint8Array[];

        /** Host notes. */
        notes: Uint8Array[];

        /** Host sampleSeed. */
        sampleSeed: number;

        /** Host minAgeNs. */
        minAgeNs: number;

        /** Host maxOverhead. */
        maxOverhead: number;

        /** Host overhead. */
        overhead: number;

        /** Host timesAreCounts. */
        timesAreCounts: boolean;

        /** Host percpuFirstChunkBytes. */
        percpuFirstChunkBytes: number;

        /** Host balloonInTotal. */
        balloonInTotal: boolean;

        /** Host coverage. */
        coverage: unfreed.CoverageGap.$Properties[];

        /** Host mergedCaches. */
        mergedCaches: unfreed.MergedCache.$Properties[];

        /** Host heldBy. */
        heldBy: Uint8Array;

        /**
         * Encodes the specified Host message. Does not implicitly {@link unfreed.Host.verify|verify} messages.
         * @param message Host message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Host.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Host message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Host & unfreed.Host.$Shape} Host
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Host & unfreed.Host.$Shape;
    }

    namespace Host {

        /** Properties of a Host. */
        interface $Properties {

            /** Host collector */
            collector?: (Uint8Array|null);

            /** Host hostname */
            hostname?: (Uint8Array|null);

            /** Host kernel */
            kernel?: (Uint8Array|null);

            /** Host arch */
            arch?: (Uint8Array|null);

            /** Host pageSize */
            pageSize?: (number|null);

            /** Host cpus */
            cpus?: (number|null);

            /** Host memTotalBytes */
            memTotalBytes?: (number|null);

            /** Host startUnixMs */
            startUnixMs?: (number|null);

            /** Host allocators */
            allocators?: (Uint8Array|null);

            /** Host minSizeBytes */
            minSizeBytes?: (number|null);

            /** Host sampleOneIn */
            sampleOneIn?: (number|null);

            /** Host self */
            self?: (number|null);

            /** Host hooks */
            hooks?: (Uint8Array[]|null);

            /** Host notes */
            notes?: (Uint8Array[]|null);

            /** Host sampleSeed */
            sampleSeed?: (number|null);

            /** Host minAgeNs */
            minAgeNs?: (number|null);

            /** Host maxOverhead */
            maxOverhead?: (number|null);

            /** Host overhead */
            overhead?: (number|null);

            /** Host timesAreCounts */
            timesAreCounts?: (boolean|null);

            /** Host percpuFirstChunkBytes */
            percpuFirstChunkBytes?: (number|null);

            /** Host balloonInTotal */
            balloonInTotal?: (boolean|null);

            /** Host coverage */
            coverage?: (unfreed.CoverageGap.$Properties[]|null);

            /** Host mergedCaches */
            mergedCaches?: (unfreed.MergedCache.$Properties[]|null);

            /** Host heldBy */
            heldBy?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Host. */
        type $Shape = unfreed.Host.$Properties;
    }

    /**
     * Properties of a MergedCache.
     * @deprecated Use unfreed.MergedCache.$Properties instead.
     */
    interface IMergedCache extends unfreed.MergedCache.$Properties {
    }

    /** Represents a MergedCache. */
    class MergedCache {

        /**
         * Constructs a new MergedCache.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.MergedCache.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** MergedCache names. */
        names: Uint8Array[];

        /**
         * Encodes the specified MergedCache message. Does not implicitly {@link unfreed.MergedCache.verify|verify} messages.
         * @param message MergedCache message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.MergedCache.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a MergedCache message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.MergedCache & unfreed.MergedCache.$Shape} MergedCache
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.MergedCache & unfreed.MergedCache.$Shape;
    }

    namespace MergedCache {

        /** Properties of a MergedCache. */
        interface $Properties {

            /** MergedCache names */
            names?: (Uint8Array[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a MergedCache. */
        type $Shape = unfreed.MergedCache.$Properties;
    }

    /**
     * Properties of a CoverageGap.
     * @deprecated Use unfreed.CoverageGap.$Properties instead.
     */
    interface ICoverageGap extends unfreed.CoverageGap.$Properties {
    }

    /** Represents a CoverageGap. */
    class CoverageGap {

        /**
         * Constructs a new CoverageGap.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.CoverageGap.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** CoverageGap cause. */
        cause: number;

        /** CoverageGap kinds. */
        kinds: Uint8Array;

        /** CoverageGap certain. */
        certain: boolean;

        /** CoverageGap detail. */
        detail: Uint8Array;

        /**
         * Encodes the specified CoverageGap message. Does not implicitly {@link unfreed.CoverageGap.verify|verify} messages.
         * @param message CoverageGap message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.CoverageGap.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a CoverageGap message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.CoverageGap & unfreed.CoverageGap.$Shape} CoverageGap
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.CoverageGap & unfreed.CoverageGap.$Shape;
    }

    namespace CoverageGap {

        /** Properties of a CoverageGap. */
        interface $Properties {

            /** CoverageGap cause */
            cause?: (number|null);

            /** CoverageGap kinds */
            kinds?: (Uint8Array|null);

            /** CoverageGap certain */
            certain?: (boolean|null);

            /** CoverageGap detail */
            detail?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a CoverageGap. */
        type $Shape = unfreed.CoverageGap.$Properties;
    }

    /**
     * Properties of a Symbol.
     * @deprecated Use unfreed.Symbol.$Properties instead.
     */
    interface ISymbol extends unfreed.Symbol.$Properties {
    }

    /** Represents a Symbol. */
    class Symbol {

        /**
         * Constructs a new Symbol.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Symbol.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Symbol addressHi. */
        addressHi: number;

        /** Symbol addressLo. */
        addressLo: number;

        /** Symbol name. */
        name: Uint8Array;

        /** Symbol offset. */
        offset: number;

        /** Symbol module. */
        module?: (Uint8Array|null);

        /**
         * Encodes the specified Symbol message. Does not implicitly {@link unfreed.Symbol.verify|verify} messages.
         * @param message Symbol message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Symbol.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Symbol message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Symbol & unfreed.Symbol.$Shape} Symbol
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Symbol & unfreed.Symbol.$Shape;
    }

    namespace Symbol {

        /** Properties of a Symbol. */
        interface $Properties {

            /** Symbol addressHi */
            addressHi?: (number|null);

            /** Symbol addressLo */
            addressLo?: (number|null);

            /** Symbol name */
            name?: (Uint8Array|null);

            /** Symbol offset */
            offset?: (number|null);

            /** Symbol module */
            module?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Symbol. */
        type $Shape = unfreed.Symbol.$Properties;
    }

    /**
     * Properties of a Losses.
     * @deprecated Use unfreed.Losses.$Properties instead.
     */
    interface ILosses extends unfreed.Losses.$Properties {
    }

    /** Represents a Losses. */
    class Losses {

        /**
         * Constructs a new Losses.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Losses.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Losses timeNs. */
        timeNs: number;

        /** Losses count. */
        count: number;

        /** Losses rows. */
        rows: Uint8Array;

        /**
         * Encodes the specified Losses message. Does not implicitly {@link unfreed.Losses.verify|verify} messages.
         * @param message Losses message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Losses.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Losses message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Losses & unfreed.Losses.$Shape} Losses
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Losses & unfreed.Losses.$Shape;
    }

    namespace Losses {

        /** Properties of a Losses. */
        interface $Properties {

            /** Losses timeNs */
            timeNs?: (number|null);

            /** Losses count */
            count?: (number|null);

            /** Losses rows */
            rows?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Losses. */
        type $Shape = unfreed.Losses.$Properties;
    }

    /**
     * Properties of a Counters.
     * @deprecated Use unfreed.Counters.$Properties instead.
     */
    interface ICounters extends unfreed.Counters.$Properties {
    }

    /** Represents a Counters. */
    class Counters {

        /**
         * Constructs a new Counters.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Counters.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Counters timeNs. */
        timeNs: number;

        /** Counters source. */
        source: number;

        /** Counters text. */
        text: Uint8Array;

        /**
         * Encodes the specified Counters message. Does not implicitly {@link unfreed.Counters.verify|verify} messages.
         * @param message Counters message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Counters.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Counters message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Counters & unfreed.Counters.$Shape} Counters
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Counters & unfreed.Counters.$Shape;
    }

    namespace Counters {

        /** Properties of a Counters. */
        interface $Properties {

            /** Counters timeNs */
            timeNs?: (number|null);

            /** Counters source */
            source?: (number|null);

            /** Counters text */
            text?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Counters. */
        type $Shape = unfreed.Counters.$Properties;
    }

    /**
     * Properties of a Clock.
     * @deprecated Use unfreed.Clock.$Properties instead.
     */
    interface IClock extends unfreed.Clock.$Properties {
    }

    /** Represents a Clock. */
    class Clock {

        /**
         * Constructs a new Clock.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Clock.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Clock timeNs. */
        timeNs: number;

        /**
         * Encodes the specified Clock message. Does not implicitly {@link unfreed.Clock.verify|verify} messages.
         * @param message Clock message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Clock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Clock message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Clock & unfreed.Clock.$Shape} Clock
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Clock & unfreed.Clock.$Shape;
    }

    namespace Clock {

        /** Properties of a Clock. */
        interface $Properties {

            /** Clock timeNs */
            timeNs?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Clock. */
        type $Shape = unfreed.Clock.$Properties;
    }

    /**
     * Properties of a CgroupRemoved.
     * @deprecated Use unfreed.CgroupRemoved.$Properties instead.
     */
    interface ICgroupRemoved extends unfreed.CgroupRemoved.$Properties {
    }

    /** Represents a CgroupRemoved. */
    class CgroupRemoved {

        /**
         * Constructs a new CgroupRemoved.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.CgroupRemoved.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** CgroupRemoved timeNs. */
        timeNs: number;

        /** CgroupRemoved cgroup. */
        cgroup: Uint8Array;

        /**
         * Encodes the specified CgroupRemoved message. Does not implicitly {@link unfreed.CgroupRemoved.verify|verify} messages.
         * @param message CgroupRemoved message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.CgroupRemoved.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a CgroupRemoved message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.CgroupRemoved & unfreed.CgroupRemoved.$Shape} CgroupRemoved
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.CgroupRemoved & unfreed.CgroupRemoved.$Shape;
    }

    namespace CgroupRemoved {

        /** Properties of a CgroupRemoved. */
        interface $Properties {

            /** CgroupRemoved timeNs */
            timeNs?: (number|null);

            /** CgroupRemoved cgroup */
            cgroup?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a CgroupRemoved. */
        type $Shape = unfreed.CgroupRemoved.$Properties;
    }

    /**
     * Properties of a Moves.
     * @deprecated Use unfreed.Moves.$Properties instead.
     */
    interface IMoves extends unfreed.Moves.$Properties {
    }

    /** Represents a Moves. */
    class Moves {

        /**
         * Constructs a new Moves.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Moves.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Moves timeNs. */
        timeNs: number;

        /** Moves pages. */
        pages: number;

        /**
         * Encodes the specified Moves message. Does not implicitly {@link unfreed.Moves.verify|verify} messages.
         * @param message Moves message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Moves.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Moves message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Moves & unfreed.Moves.$Shape} Moves
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Moves & unfreed.Moves.$Shape;
    }

    namespace Moves {

        /** Properties of a Moves. */
        interface $Properties {

            /** Moves timeNs */
            timeNs?: (number|null);

            /** Moves pages */
            pages?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Moves. */
        type $Shape = unfreed.Moves.$Properties;
    }

    /**
     * Properties of a Held.
     * @deprecated Use unfreed.Held.$Properties instead.
     */
    interface IHeld extends unfreed.Held.$Properties {
    }

    /** Represents a Held. */
    class Held {

        /**
         * Constructs a new Held.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Held.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Held timeNs. */
        timeNs: number;

        /** Held count. */
        count: number;

        /** Held rows. */
        rows: Uint8Array;

        /** Held inPage. */
        inPage: Uint8Array;

        /**
         * Encodes the specified Held message. Does not implicitly {@link unfreed.Held.verify|verify} messages.
         * @param message Held message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Held.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Held message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Held & unfreed.Held.$Shape} Held
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Held & unfreed.Held.$Shape;
    }

    namespace Held {

        /** Properties of a Held. */
        interface $Properties {

            /** Held timeNs */
            timeNs?: (number|null);

            /** Held count */
            count?: (number|null);

            /** Held rows */
            rows?: (Uint8Array|null);

            /** Held inPage */
            inPage?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Held. */
        type $Shape = unfreed.Held.$Properties;
    }

    /**
     * Properties of a Freed.
     * @deprecated Use unfreed.Freed.$Properties instead.
     */
    interface IFreed extends unfreed.Freed.$Properties {
    }

    /** Represents a Freed. */
    class Freed {

        /**
         * Constructs a new Freed.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Freed.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Freed timeNs. */
        timeNs: number;

        /** Freed count. */
        count: number;

        /** Freed rows. */
        rows: Uint8Array;

        /**
         * Encodes the specified Freed message. Does not implicitly {@link unfreed.Freed.verify|verify} messages.
         * @param message Freed message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Freed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Freed message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Freed & unfreed.Freed.$Shape} Freed
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Freed & unfreed.Freed.$Shape;
    }

    namespace Freed {

        /** Properties of a Freed. */
        interface $Properties {

            /** Freed timeNs */
            timeNs?: (number|null);

            /** Freed count */
            count?: (number|null);

            /** Freed rows */
            rows?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Freed. */
        type $Shape = unfreed.Freed.$Properties;
    }

    /**
     * Properties of a Look.
     * @deprecated Use unfreed.Look.$Properties instead.
     */
    interface ILook extends unfreed.Look.$Properties {
    }

    /** Represents a Look. */
    class Look {

        /**
         * Constructs a new Look.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Look.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Look timeNs. */
        timeNs: number;

        /** Look unixMs. */
        unixMs: number;

        /** Look texts. */
        texts: unfreed.LookText.$Properties[];

        /** Look notRead. */
        notRead: unfreed.LookMiss.$Properties[];

        /**
         * Encodes the specified Look message. Does not implicitly {@link unfreed.Look.verify|verify} messages.
         * @param message Look message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Look.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Look message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Look & unfreed.Look.$Shape} Look
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Look & unfreed.Look.$Shape;
    }

    namespace Look {

        /** Properties of a Look. */
        interface $Properties {

            /** Look timeNs */
            timeNs?: (number|null);

            /** Look unixMs */
            unixMs?: (number|null);

            /** Look texts */
            texts?: (unfreed.LookText.$Properties[]|null);

            /** Look notRead */
            notRead?: (unfreed.LookMiss.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Look. */
        type $Shape = unfreed.Look.$Properties;
    }

    /**
     * Properties of a LookText.
     * @deprecated Use unfreed.LookText.$Properties instead.
     */
    interface ILookText extends unfreed.LookText.$Properties {
    }

    /** Represents a LookText. */
    class LookText {

        /**
         * Constructs a new LookText.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.LookText.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** LookText name. */
        name: Uint8Array;

        /** LookText text. */
        text: Uint8Array;

        /**
         * Encodes the specified LookText message. Does not implicitly {@link unfreed.LookText.verify|verify} messages.
         * @param message LookText message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.LookText.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a LookText message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.LookText & unfreed.LookText.$Shape} LookText
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.LookText & unfreed.LookText.$Shape;
    }

    namespace LookText {

        /** Properties of a LookText. */
        interface $Properties {

            /** LookText name */
            name?: (Uint8Array|null);

            /** LookText text */
            text?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a LookText. */
        type $Shape = unfreed.LookText.$Properties;
    }

    /**
     * Properties of a LookMiss.
     * @deprecated Use unfreed.LookMiss.$Properties instead.
     */
    interface ILookMiss extends unfreed.LookMiss.$Properties {
    }

    /** Represents a LookMiss. */
    class LookMiss {

        /**
         * Constructs a new LookMiss.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.LookMiss.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** LookMiss what. */
        what: Uint8Array;

        /** LookMiss why. */
        why: Uint8Array;

        /**
         * Encodes the specified LookMiss message. Does not implicitly {@link unfreed.LookMiss.verify|verify} messages.
         * @param message LookMiss message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.LookMiss.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a LookMiss message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.LookMiss & unfreed.LookMiss.$Shape} LookMiss
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.LookMiss & unfreed.LookMiss.$Shape;
    }

    namespace LookMiss {

        /** Properties of a LookMiss. */
        interface $Properties {

            /** LookMiss what */
            what?: (Uint8Array|null);

            /** LookMiss why */
            why?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a LookMiss. */
        type $Shape = unfreed.LookMiss.$Properties;
    }

    /**
     * Properties of a Mark.
     * @deprecated Use unfreed.Mark.$Properties instead.
     */
    interface IMark extends unfreed.Mark.$Properties {
    }

    /** Represents a Mark. */
    class Mark {

        /**
         * Constructs a new Mark.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Mark.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Mark timeNs. */
        timeNs: number;

        /** Mark kind. */
        kind: number;

        /** Mark pid. */
        pid: number;

        /** Mark comm. */
        comm: Uint8Array;

        /** Mark values. */
        values: Uint8Array;

        /** Mark texts. */
        texts: Uint8Array[];

        /**
         * Encodes the specified Mark message. Does not implicitly {@link unfreed.Mark.verify|verify} messages.
         * @param message Mark message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Mark.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Mark message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Mark & unfreed.Mark.$Shape} Mark
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Mark & unfreed.Mark.$Shape;
    }

    namespace Mark {

        /** Properties of a Mark. */
        interface $Properties {

            /** Mark timeNs */
            timeNs?: (number|null);

            /** Mark kind */
            kind?: (number|null);

            /** Mark pid */
            pid?: (number|null);

            /** Mark comm */
            comm?: (Uint8Array|null);

            /** Mark values */
            values?: (Uint8Array|null);

            /** Mark texts */
            texts?: (Uint8Array[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Mark. */
        type $Shape = unfreed.Mark.$Properties;
    }

    /**
     * Properties of a Lives.
     * @deprecated Use unfreed.Lives.$Properties instead.
     */
    interface ILives extends unfreed.Lives.$Properties {
    }

    /** Represents a Lives. */
    class Lives {

        /**
         * Constructs a new Lives.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Lives.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Lives timeNs. */
        timeNs: number;

        /** Lives count. */
        count: number;

        /** Lives rows. */
        rows: Uint8Array;

        /** Lives lostRows. */
        lostRows: number;

        /** Lives lostMarks. */
        lostMarks: number;

        /**
         * Encodes the specified Lives message. Does not implicitly {@link unfreed.Lives.verify|verify} messages.
         * @param message Lives message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Lives.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Lives message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Lives & unfreed.Lives.$Shape} Lives
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Lives & unfreed.Lives.$Shape;
    }

    namespace Lives {

        /** Properties of a Lives. */
        interface $Properties {

            /** Lives timeNs */
            timeNs?: (number|null);

            /** Lives count */
            count?: (number|null);

            /** Lives rows */
            rows?: (Uint8Array|null);

            /** Lives lostRows */
            lostRows?: (number|null);

            /** Lives lostMarks */
            lostMarks?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Lives. */
        type $Shape = unfreed.Lives.$Properties;
    }

    /**
     * Properties of a Names.
     * @deprecated Use unfreed.Names.$Properties instead.
     */
    interface INames extends unfreed.Names.$Properties {
    }

    /** Represents a Names. */
    class Names {

        /**
         * Constructs a new Names.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Names.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Names timeNs. */
        timeNs: number;

        /** Names rows. */
        rows: Uint8Array;

        /**
         * Encodes the specified Names message. Does not implicitly {@link unfreed.Names.verify|verify} messages.
         * @param message Names message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Names.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Names message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Names & unfreed.Names.$Shape} Names
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Names & unfreed.Names.$Shape;
    }

    namespace Names {

        /** Properties of a Names. */
        interface $Properties {

            /** Names timeNs */
            timeNs?: (number|null);

            /** Names rows */
            rows?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Names. */
        type $Shape = unfreed.Names.$Properties;
    }

    /**
     * Properties of a Process.
     * @deprecated Use unfreed.Process.$Properties instead.
     */
    interface IProcess extends unfreed.Process.$Properties {
    }

    /** Represents a Process. */
    class Process {

        /**
         * Constructs a new Process.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Process.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Process timeNs. */
        timeNs: number;

        /** Process number. */
        number: number;

        /** Process pid. */
        pid: number;

        /** Process startNs. */
        startNs: number;

        /** Process parent. */
        parent: number;

        /** Process why. */
        why: number;

        /** Process stays. */
        stays: boolean;

        /** Process exe. */
        exe: Uint8Array;

        /** Process cmdline. */
        cmdline: Uint8Array;

        /**
         * Encodes the specified Process message. Does not implicitly {@link unfreed.Process.verify|verify} messages.
         * @param message Process message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Process.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Process message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Process & unfreed.Process.$Shape} Process
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Process & unfreed.Process.$Shape;
    }

    namespace Process {

        /** Properties of a Process. */
        interface $Properties {

            /** Process timeNs */
            timeNs?: (number|null);

            /** Process number */
            number?: (number|null);

            /** Process pid */
            pid?: (number|null);

            /** Process startNs */
            startNs?: (number|null);

            /** Process parent */
            parent?: (number|null);

            /** Process why */
            why?: (number|null);

            /** Process stays */
            stays?: (boolean|null);

            /** Process exe */
            exe?: (Uint8Array|null);

            /** Process cmdline */
            cmdline?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Process. */
        type $Shape = unfreed.Process.$Properties;
    }

    /**
     * Properties of an Image.
     * @deprecated Use unfreed.Image.$Properties instead.
     */
    interface IImage extends unfreed.Image.$Properties {
    }

    /** Represents an Image. */
    class Image {

        /**
         * Constructs a new Image.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Image.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Image number. */
        number: number;

        /** Image buildId. */
        buildId: Uint8Array;

        /** Image path. */
        path: Uint8Array;

        /**
         * Encodes the specified Image message. Does not implicitly {@link unfreed.Image.verify|verify} messages.
         * @param message Image message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Image.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an Image message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Image & unfreed.Image.$Shape} Image
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Image & unfreed.Image.$Shape;
    }

    namespace Image {

        /** Properties of an Image. */
        interface $Properties {

            /** Image number */
            number?: (number|null);

            /** Image buildId */
            buildId?: (Uint8Array|null);

            /** Image path */
            path?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an Image. */
        type $Shape = unfreed.Image.$Properties;
    }

    /**
     * Properties of a Resident.
     * @deprecated Use unfreed.Resident.$Properties instead.
     */
    interface IResident extends unfreed.Resident.$Properties {
    }

    /** Represents a Resident. */
    class Resident {

        /**
         * Constructs a new Resident.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Resident.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Resident timeNs. */
        timeNs: number;

        /** Resident process. */
        process: number;

        /** Resident isWhole. */
        isWhole: boolean;

        /** Resident count. */
        count: number;

        /** Resident rows. */
        rows: Uint8Array;

        /**
         * Encodes the specified Resident message. Does not implicitly {@link unfreed.Resident.verify|verify} messages.
         * @param message Resident message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Resident.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Resident message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Resident & unfreed.Resident.$Shape} Resident
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Resident & unfreed.Resident.$Shape;
    }

    namespace Resident {

        /** Properties of a Resident. */
        interface $Properties {

            /** Resident timeNs */
            timeNs?: (number|null);

            /** Resident process */
            process?: (number|null);

            /** Resident isWhole */
            isWhole?: (boolean|null);

            /** Resident count */
            count?: (number|null);

            /** Resident rows */
            rows?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Resident. */
        type $Shape = unfreed.Resident.$Properties;
    }

    /**
     * Properties of an End.
     * @deprecated Use unfreed.End.$Properties instead.
     */
    interface IEnd extends unfreed.End.$Properties {
    }

    /** Represents an End. */
    class End {

        /**
         * Constructs a new End.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.End.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** End timeNs. */
        timeNs: number;

        /** End reason. */
        reason: number;

        /** End detail. */
        detail: Uint8Array;

        /**
         * Encodes the specified End message. Does not implicitly {@link unfreed.End.verify|verify} messages.
         * @param message End message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.End.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an End message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.End & unfreed.End.$Shape} End
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.End & unfreed.End.$Shape;
    }

    namespace End {

        /** Properties of an End. */
        interface $Properties {

            /** End timeNs */
            timeNs?: (number|null);

            /** End reason */
            reason?: (number|null);

            /** End detail */
            detail?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an End. */
        type $Shape = unfreed.End.$Properties;
    }

    /**
     * Properties of a Part.
     * @deprecated Use unfreed.Part.$Properties instead.
     */
    interface IPart extends unfreed.Part.$Properties {
    }

    /** Represents a Part. */
    class Part {

        /**
         * Constructs a new Part.
         * @param [properties] Properties to set
         */
        constructor(properties?: unfreed.Part.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Part ring. */
        ring: Uint8Array;

        /** Part number. */
        number: number;

        /** Part startNs. */
        startNs: number;

        /** Part eventsBefore. */
        eventsBefore: number;

        /**
         * Encodes the specified Part message. Does not implicitly {@link unfreed.Part.verify|verify} messages.
         * @param message Part message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: unfreed.Part.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Part message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {unfreed.Part & unfreed.Part.$Shape} Part
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): unfreed.Part & unfreed.Part.$Shape;
    }

    namespace Part {

        /** Properties of a Part. */
        interface $Properties {

            /** Part ring */
            ring?: (Uint8Array|null);

            /** Part number */
            number?: (number|null);

            /** Part startNs */
            startNs?: (number|null);

            /** Part eventsBefore */
            eventsBefore?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Part. */
        type $Shape = unfreed.Part.$Properties;
    }
}
